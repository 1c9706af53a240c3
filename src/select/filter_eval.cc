#include "select/filter_eval.h"

#include <algorithm>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

constexpr Tri Not(Tri value) {
  return static_cast<Tri>(static_cast<int>(Tri::kTrue) - static_cast<int>(value));
}

constexpr Tri Sure(bool value) { return value ? Tri::kTrue : Tri::kFalse; }

// `yes`: holds for every number of the range; `no`: for none.
constexpr Tri Decide(bool yes, bool no) {
  return no ? Tri::kFalse : yes ? Tri::kTrue : Tri::kUnknown;
}

bool IsNegated(FilterOp op) { return op == FilterOp::kNotEqual || op == FilterOp::kNotMatches; }

Tri CompareNumber(FilterOp op, NumberRange known, NumberRange value) {
  switch (op) {
    case FilterOp::kLess:
      return Decide(known.high < value.low, known.low >= value.low);
    case FilterOp::kLessEqual:
      return Decide(known.high <= value.high, known.low > value.high);
    case FilterOp::kGreater:
      return Decide(known.low > value.high, known.high <= value.high);
    case FilterOp::kGreaterEqual:
      return Decide(known.low >= value.low, known.high < value.low);
    default:
      return Decide(known.low >= value.low && known.high <= value.high,
                    known.high < value.low || known.low > value.high);
  }
}

Tri EvaluateNumber(const FilterComparison& comparison, const FilterSubject& subject) {
  const auto known = KnownNumber(comparison.field, subject);
  if (!known) return Tri::kUnknown;
  Tri result = Tri::kFalse;
  for (const NumberRange value : comparison.numbers) {
    result = std::max(result, CompareNumber(comparison.op, *known, value));
  }
  return IsNegated(comparison.op) ? Not(result) : result;
}

Tri EvaluateChoice(const FilterComparison& comparison, const FilterSubject& subject) {
  const KnownChoices known = KnownChoice(comparison.field, subject);
  const Tri result =
      Decide((known.yes & comparison.choices) != 0, (comparison.choices & ~known.no) == 0);
  return IsNegated(comparison.op) ? Not(result) : result;
}

// Without the operator's negation.
bool IsLike(const FilterComparison& comparison, std::string_view text) {
  if (comparison.regex) return comparison.regex->Search(text);
  return std::ranges::any_of(comparison.texts, [&](const std::string& value) {
    return comparison.kind == FieldKind::kName ? EqualsIgnoreCase(value, text) : value == text;
  });
}

// Any of the fields of that name; without one, the empty text.
Tri AnyHeaderIsLike(const FilterComparison& comparison, const HttpMessage& message) {
  bool found = false;
  bool sure = message.seen && message.head_complete;
  for (const HeaderField& field : message.headers) {
    if (!field.name_known) {
      sure = false;
    } else if (EqualsIgnoreCase(field.name, comparison.header)) {
      found = true;
      if (!field.value_known || field.redacted) {
        sure = false;
      } else if (IsLike(comparison, field.value)) {
        return Tri::kTrue;
      }
    }
  }
  if (!sure) return Tri::kUnknown;
  return Sure(!found && IsLike(comparison, {}));
}

Tri EvaluateText(const FilterComparison& comparison, const FilterSubject& subject) {
  Tri result = Tri::kUnknown;
  const bool of_request = comparison.field == FilterField::kRequestHeader;
  if (of_request || comparison.field == FilterField::kResponseHeader) {
    if (subject.exchange == nullptr) return Tri::kUnknown;
    result = AnyHeaderIsLike(comparison,
                             of_request ? subject.exchange->request : subject.exchange->response);
  } else if (const auto known = KnownText(comparison.field, subject)) {
    result = Sure(IsLike(comparison, *known));
  }
  return IsNegated(comparison.op) ? Not(result) : result;
}

}  // namespace

Tri Evaluate(const FilterNode& node, const FilterSubject& subject) {
  switch (node.kind) {
    case FilterNode::Kind::kComparison:
      break;
    case FilterNode::Kind::kNot:
      return Not(Evaluate(node.children.front(), subject));
    case FilterNode::Kind::kAnd: {
      Tri result = Tri::kTrue;
      for (const FilterNode& child : node.children) {
        result = std::min(result, Evaluate(child, subject));
        if (result == Tri::kFalse) break;
      }
      return result;
    }
    case FilterNode::Kind::kOr: {
      Tri result = Tri::kFalse;
      for (const FilterNode& child : node.children) {
        result = std::max(result, Evaluate(child, subject));
        if (result == Tri::kTrue) break;
      }
      return result;
    }
  }
  const FilterComparison& comparison = node.comparison;
  if (IsText(comparison.kind)) return EvaluateText(comparison, subject);
  if (comparison.kind == FieldKind::kChoice) return EvaluateChoice(comparison, subject);
  return EvaluateNumber(comparison, subject);
}

}  // namespace gotls
