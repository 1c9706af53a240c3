#include "select/filter_parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "decode/body/ascii.h"
#include "select/filter.h"
#include "select/filter_lexer.h"
#include "select/filter_value.h"

namespace gotls {
namespace {

constexpr std::string_view kQuoteHint = "text with blanks or any of ()[],\"'=!<>~&| needs quotes";

std::string Shown(const Token& token) {
  return token.kind == TokenKind::kEnd ? "the end" : fmt::format("'{}'", token.text);
}

std::vector<std::string_view> FieldNames() {
  std::vector<std::string_view> names;
  for (const FieldInfo& info : FilterFields()) names.push_back(info.name);
  return names;
}

FilterOp OperatorOf(std::string_view text) {
  constexpr auto kOperators = std::to_array<std::pair<std::string_view, FilterOp>>({
      {"==", FilterOp::kEqual},
      {"!=", FilterOp::kNotEqual},
      {"<", FilterOp::kLess},
      {"<=", FilterOp::kLessEqual},
      {">", FilterOp::kGreater},
      {">=", FilterOp::kGreaterEqual},
      {"~", FilterOp::kMatches},
      {"!~", FilterOp::kNotMatches},
  });
  return std::ranges::find(kOperators, text, &std::pair<std::string_view, FilterOp>::first)->second;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  FilterResult<FilterNode> ParseAll() {
    auto root = ParseList(FilterNode::Kind::kOr, 0);
    if (!root) return root;
    if (Now().kind == TokenKind::kEnd) return root;
    if (Now().kind == TokenKind::kClose) return FilterFail(Now().offset, "this ) closes nothing");
    return FilterFail(Now().offset,
                      fmt::format("'and' or 'or' expected, not {}; {}", Shown(Now()), kQuoteHint));
  }

 private:
  [[nodiscard]] const Token& Now() const { return tokens_[at_]; }
  [[nodiscard]] bool IsWord(std::string_view word) const {
    return Now().kind == TokenKind::kWord && EqualsIgnoreCase(Now().text, word);
  }
  // The token before kEnd at the latest: kEnd is never taken.
  const Token& Take() { return tokens_[at_++]; }
  bool TakeIf(bool wanted) {
    at_ += wanted ? 1 : 0;
    return wanted;
  }

  bool TakeJoin(FilterNode::Kind kind) {
    if (kind == FilterNode::Kind::kOr) return TakeIf(Now().kind == TokenKind::kOr || IsWord("or"));
    return TakeIf(Now().kind == TokenKind::kAnd || IsWord("and"));
  }

  // The operands of one `or` or `and`, in one node: a long list makes no deep tree.
  FilterResult<FilterNode> ParseList(FilterNode::Kind kind, std::size_t depth) {
    FilterNode list{kind, {}, {}};
    do {
      auto operand = kind == FilterNode::Kind::kOr ? ParseList(FilterNode::Kind::kAnd, depth)
                                                   : ParseNot(depth);
      if (!operand) return operand;
      list.children.push_back(*std::move(operand));
    } while (TakeJoin(kind));
    if (list.children.size() > 1) return list;
    return std::move(list.children.front());
  }

  FilterResult<FilterNode> ParseNot(std::size_t depth) {
    const std::size_t offset = Now().offset;
    const bool negated = TakeIf(Now().kind == TokenKind::kNot || IsWord("not"));
    const bool opened = !negated && TakeIf(Now().kind == TokenKind::kOpen);
    if (!negated && !opened) return ParseComparison();
    if (depth == Filter::kMaxDepth) return FilterFail(offset, "nested too deeply");
    auto inner = negated ? ParseNot(depth + 1) : ParseList(FilterNode::Kind::kOr, depth + 1);
    if (!inner) return inner;
    if (opened) {
      if (!TakeIf(Now().kind == TokenKind::kClose)) {
        return FilterFail(Now().offset,
                          fmt::format("')' expected, not {}; {}", Shown(Now()), kQuoteHint));
      }
      return inner;
    }
    FilterNode node{FilterNode::Kind::kNot, {}, {}};
    node.children.push_back(*std::move(inner));
    return node;
  }

  FilterResult<FilterNode> ParseComparison() {
    FilterNode node;
    const auto field = ParseField(node.comparison);
    if (!field) return std::unexpected(field.error());
    const FieldInfo& info = **field;
    const auto list = ParseOperator(info, node.comparison.op);
    if (!list) return std::unexpected(list.error());
    const auto parsed =
        *list ? ParseValues(info, node.comparison) : ParseValue(info, node.comparison);
    if (!parsed) return std::unexpected(parsed.error());
    return node;
  }

  FilterResult<const FieldInfo*> ParseField(FilterComparison& comparison) {
    if (Now().kind != TokenKind::kWord) {
      return FilterFail(Now().offset, fmt::format("a field expected, not {}", Shown(Now())));
    }
    const Token& name = Take();
    const FieldInfo* info = FindFilterField(name.text);
    if (info == nullptr) {
      const auto names = FieldNames();
      const std::string_view closest = ClosestWord(name.text, names);
      return FilterFail(
          name.offset,
          fmt::format("unknown field '{}'; {}", name.text,
                      closest.empty() ? fmt::format("fields are {}", fmt::join(names, " "))
                                      : fmt::format("did you mean '{}'?", closest)));
    }
    comparison.field = info->field;
    comparison.kind = info->kind;
    if (info->field != FilterField::kRequestHeader && info->field != FilterField::kResponseHeader) {
      return info;
    }
    return ParseHeaderName(*info, comparison);
  }

  FilterResult<const FieldInfo*> ParseHeaderName(const FieldInfo& info,
                                                 FilterComparison& comparison) {
    const std::size_t offset = Now().offset;
    if (TakeIf(Now().kind == TokenKind::kOpenBracket) &&
        (Now().kind == TokenKind::kText || Now().kind == TokenKind::kWord)) {
      comparison.header = Take().text;
      if (TakeIf(Now().kind == TokenKind::kCloseBracket)) return &info;
    }
    return FilterFail(offset,
                      fmt::format("the name of the header is missing: {}[\"x-id\"]", info.name));
  }

  // True: `in`, a list follows.
  FilterResult<bool> ParseOperator(const FieldInfo& info, FilterOp& op) {
    const std::size_t offset = Now().offset;
    const std::string_view allowed = FieldOperators(info.kind);
    if (Now().kind == TokenKind::kOperator) {
      const std::string& text = Take().text;
      op = OperatorOf(text);
      if ((" " + std::string(allowed) + " ").contains(" " + text + " ")) return false;
      return FilterFail(offset, fmt::format("{} can't be compared by {}; its operators are {}",
                                            info.name, text, allowed));
    }
    op = TakeIf(IsWord("not")) ? FilterOp::kNotEqual : FilterOp::kEqual;
    if (TakeIf(IsWord("in"))) return true;
    return FilterFail(Now().offset, fmt::format("an operator expected after {}, not {}; {}",
                                                info.name, Shown(Now()), allowed));
  }

  FilterResult<void> ParseValue(const FieldInfo& info, FilterComparison& comparison) {
    if (Now().kind != TokenKind::kWord && Now().kind != TokenKind::kText) {
      return FilterFail(Now().offset,
                        fmt::format("a value expected, not {}; {}", Shown(Now()), kQuoteHint));
    }
    return AddFilterValue(info, Take(), comparison);
  }

  FilterResult<void> ParseValues(const FieldInfo& info, FilterComparison& comparison) {
    if (!TakeIf(Now().kind == TokenKind::kOpen)) {
      return FilterFail(Now().offset, fmt::format("a list expected, not {}: (a, b)", Shown(Now())));
    }
    do {
      auto added = ParseValue(info, comparison);
      if (!added) return added;
    } while (TakeIf(Now().kind == TokenKind::kComma));
    if (TakeIf(Now().kind == TokenKind::kClose)) return {};
    return FilterFail(Now().offset,
                      fmt::format("',' or ')' expected, not {}; {}", Shown(Now()), kQuoteHint));
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

FilterResult<FilterNode> ParseFilter(std::string_view expression) {
  auto tokens = LexFilter(expression);
  if (!tokens) return std::unexpected(tokens.error());
  return Parser(*std::move(tokens)).ParseAll();
}

}  // namespace gotls
