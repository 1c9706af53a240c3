#include "select/filter_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

using Unit = std::pair<std::string_view, double>;

constexpr auto kSizeUnits = std::to_array<Unit>({{"", 1},
                                                 {"b", 1},
                                                 {"k", 1024.0},
                                                 {"kb", 1024.0},
                                                 {"kib", 1024.0},
                                                 {"m", 1048576.0},
                                                 {"mb", 1048576.0},
                                                 {"mib", 1048576.0},
                                                 {"g", 1073741824.0},
                                                 {"gb", 1073741824.0},
                                                 {"gib", 1073741824.0}});

// A bare number is none of them: of what, is not to be guessed.
constexpr auto kTimeUnits =
    std::to_array<Unit>({{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"min", 60e9}});

std::optional<std::uint64_t> ParseWhole(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> ParseWithUnit(std::string_view text, std::span<const Unit> units) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string unit = ToLowerAscii(std::string_view(parsed.ptr, end));
  const auto found = std::ranges::find(units, std::string_view(unit), &Unit::first);
  constexpr double kMost = 9e18;  // fits an unsigned number of 64 bits
  if (found == units.end() || number * found->second > kMost) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(number * found->second));
}

std::optional<NumberRange> ParseStatus(std::string_view text) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '9' &&
      EqualsIgnoreCase(text.substr(1), "xx")) {
    const auto low = static_cast<std::uint64_t>(text[0] - '0') * 100;
    return NumberRange{low, low + 99};
  }
  const auto value = ParseWhole(text);
  if (!value) return std::nullopt;
  return NumberRange{*value, *value};
}

std::optional<std::uint64_t> ParseGrpcStatus(std::string_view text) {
  const auto names = GrpcStatusNames();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (EqualsIgnoreCase(names[i], text)) return i;
  }
  return ParseWhole(text);
}

std::optional<NumberRange> ParseNumber(FieldKind kind, std::string_view text) {
  if (kind == FieldKind::kStatus) return ParseStatus(text);
  std::optional<std::uint64_t> value;
  if (kind == FieldKind::kNumber) value = ParseWhole(text);
  if (kind == FieldKind::kGrpcStatus) value = ParseGrpcStatus(text);
  if (kind == FieldKind::kSize) value = ParseWithUnit(text, kSizeUnits);
  if (kind == FieldKind::kTime) value = ParseWithUnit(text, kTimeUnits);
  if (!value) return std::nullopt;
  return NumberRange{*value, *value};
}

std::string_view Wanted(FieldKind kind) {
  if (kind == FieldKind::kStatus) return "a status like 404 or 4xx";
  if (kind == FieldKind::kGrpcStatus) return "a gRPC status like 5 or NOT_FOUND";
  if (kind == FieldKind::kSize) return "a size like 512, 10k or 1MiB";
  if (kind == FieldKind::kTime) return "a time with its unit like 10ms, 1.5s or 2m";
  return "a whole number";
}

FilterResult<void> AddChoice(const FieldInfo& info, const Token& token,
                             FilterComparison& comparison) {
  const auto choices = FieldChoices(info.field);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!EqualsIgnoreCase(choices[i], token.text)) continue;
    comparison.choices |= 1U << i;
    return {};
  }
  return FilterFail(token.offset, fmt::format("{} is never '{}'; it is one of {}", info.name,
                                              token.text, fmt::join(choices, ", ")));
}

FilterResult<void> AddRegex(const FieldInfo& info, const Token& token,
                            FilterComparison& comparison) {
  auto regex = Regex::Compile(
      token.text, info.kind == FieldKind::kName ? LetterCase::kIgnored : LetterCase::kMatters);
  if (!regex) {
    return FilterFail(token.offset, fmt::format("bad regular expression: {}", regex.error()));
  }
  comparison.regex = *std::move(regex);
  return {};
}

}  // namespace

FilterResult<void> AddFilterValue(const FieldInfo& info, const Token& token,
                                  FilterComparison& comparison) {
  if (comparison.op == FilterOp::kMatches || comparison.op == FilterOp::kNotMatches) {
    return AddRegex(info, token, comparison);
  }
  if (info.kind == FieldKind::kChoice) return AddChoice(info, token, comparison);
  if (IsText(info.kind)) {
    comparison.texts.push_back(token.text);
    return {};
  }
  const auto range = ParseNumber(info.kind, token.text);
  if (!range) {
    return FilterFail(token.offset, fmt::format("'{}' is not {}", token.text, Wanted(info.kind)));
  }
  comparison.numbers.push_back(*range);
  return {};
}

}  // namespace gotls
