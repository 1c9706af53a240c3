#include "select/filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "select/filter_ast.h"
#include "select/filter_error.h"
#include "select/filter_eval.h"
#include "select/filter_fields.h"
#include "select/filter_parser.h"

namespace gotls {

namespace {

template <typename Predicate>
bool AnyField(const FilterNode& node, Predicate predicate) {
  if (node.kind == FilterNode::Kind::kComparison) return predicate(node.comparison.field);
  return std::ranges::any_of(node.children,
                             [&](const FilterNode& child) { return AnyField(child, predicate); });
}

}  // namespace

Result<Filter> Filter::Parse(std::string_view expression) {
  if (expression.size() > kMaxLength) {
    return Fail(ErrorKind::kUsage, fmt::format("longer than {} bytes", kMaxLength), "filter");
  }
  auto root = ParseFilter(expression);
  if (!root) return std::unexpected(DescribeFilterError(expression, root.error()));
  return Filter(std::make_shared<const FilterNode>(*std::move(root)));
}

Tri Filter::Match(const Connection& connection, const Exchange& exchange) const {
  return root_ == nullptr ? Tri::kTrue : Evaluate(*root_, {connection, &exchange});
}

Tri Filter::MatchConnection(const Connection& connection) const {
  return root_ == nullptr ? Tri::kTrue : Evaluate(*root_, {connection, nullptr});
}

bool Filter::IsAboutExchanges() const { return root_ != nullptr && AnyField(*root_, IsOfExchange); }

bool Filter::IsAboutMoreThanProcesses() const {
  return root_ != nullptr &&
         AnyField(*root_, [](FilterField field) { return !IsOfProcess(field); });
}

bool Filter::Accepts(const Connection& connection, const Exchange& exchange) const {
  const Tri match = Match(connection, exchange);
  if (exchange.state == ExchangeState::kOpen) return match != Tri::kFalse;
  return match == Tri::kTrue;
}

std::string FilterHelp() {
  std::string help = "Fields:\n";
  for (const FieldInfo& info : FilterFields()) {
    help += fmt::format("  {:<16} {}\n", info.name, info.meaning);
  }
  help +=
      "Operators: == != < <= > >=, ~ and !~ (regular expression), in (A, B), not in (A, B);\n"
      "  and, or, not, parentheses.\n";
  return help;
}

}  // namespace gotls
