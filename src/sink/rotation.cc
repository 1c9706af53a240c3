#include "sink/rotation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>

namespace gotls {
namespace {

constexpr const char* kHint = "like 100MB, 1h, or 100MB,1h,keep=10";
constexpr std::uint64_t kMinBytes = 4 << 10;  // less is a slip: a file for each record
// "00001"; more digits when they are needed.
constexpr std::size_t kDigits = 5;
constexpr std::size_t kMaxDigits = 18;

std::unexpected<Error> BadRotate(std::string what) {
  return Fail(ErrorKind::kUsage, std::move(what), "--rotate", kHint);
}

// "100MB" to 100 and "MB".
struct NumberAndUnit {
  std::uint64_t number;
  std::string_view unit;
};

std::optional<NumberAndUnit> Split(std::string_view text) {
  NumberAndUnit result{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, result.number);
  if (parsed.ec != std::errc()) return std::nullopt;
  result.unit = std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  return result;
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit kSizes[] = {
    {"B", 1},        {"K", 1 << 10},   {"KB", 1 << 10},   {"KiB", 1 << 10},   {"k", 1 << 10},
    {"kB", 1 << 10}, {"M", 1 << 20},   {"MB", 1 << 20},   {"MiB", 1 << 20},   {"G", 1 << 30},
    {"GB", 1 << 30}, {"GiB", 1 << 30}, {"T", 1ULL << 40}, {"TB", 1ULL << 40}, {"TiB", 1ULL << 40},
};
constexpr Unit kTimes[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

// Nothing: `unit` is none of them, or the product is too large for 63 bits.
template <std::size_t kCount>
std::optional<std::uint64_t> Scale(const NumberAndUnit& value, const Unit (&units)[kCount],
                                   std::uint64_t limit) {
  const auto* const unit = std::ranges::find(units, value.unit, &Unit::name);
  if (unit == std::end(units) || value.number > limit / unit->factor) return std::nullopt;
  return value.number * unit->factor;
}

Result<void> SetLimit(RotateOptions& options, std::string_view text) {
  const auto value = Split(text);
  if (!value) return BadRotate(fmt::format("'{}' is neither a size nor a time", text));
  constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::int64_t>::max();
  if (const auto bytes = Scale(*value, kSizes, kMaxBytes)) {
    if (options.max_bytes != 0) return BadRotate("two sizes");
    if (*bytes < kMinBytes) return BadRotate(fmt::format("'{}' is less than 4K", text));
    options.max_bytes = *bytes;
    return {};
  }
  if (const auto seconds = Scale(*value, kTimes, kMaxBytes / 1'000'000'000)) {
    if (options.max_age.count() != 0) return BadRotate("two times");
    if (*seconds == 0) return BadRotate(fmt::format("'{}' is less than 1s", text));
    options.max_age = std::chrono::seconds(*seconds);
    return {};
  }
  if (value->unit.empty()) return BadRotate(fmt::format("'{}' has no unit", text));
  return BadRotate(fmt::format("'{}' is neither a size nor a time", text));
}

Result<void> SetKeep(RotateOptions& options, std::string_view text) {
  if (options.keep != 0) return BadRotate("two numbers of parts to keep");
  const auto value = Split(text);
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (!value || !value->unit.empty() || value->number == 0 || value->number > kMax) {
    return BadRotate(fmt::format("'{}' is no number of parts", text));
  }
  options.keep = static_cast<std::uint32_t>(value->number);
  return {};
}

// The number in "stem.00017.ext", or nothing.
std::optional<std::uint64_t> NumberIn(std::string_view name, std::string_view stem,
                                      std::string_view extension) {
  if (!name.starts_with(stem) || !name.ends_with(extension)) return std::nullopt;
  if (name.size() < stem.size() + extension.size() + 1 + kDigits) return std::nullopt;
  name.remove_prefix(stem.size());
  name.remove_suffix(extension.size());
  if (name.front() != '.' || name.size() > 1 + kMaxDigits) return std::nullopt;
  const auto value = Split(name.substr(1));
  if (!value || !value->unit.empty()) return std::nullopt;
  return value->number;
}

}  // namespace

Result<RotateOptions> ParseRotate(std::string_view text) {
  RotateOptions options;
  constexpr std::string_view kKeep = "keep=";
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const auto set = word.starts_with(kKeep) ? SetKeep(options, word.substr(kKeep.size()))
                                             : SetLimit(options, word);
    if (!set) return std::unexpected(set.error());
    at = end + 1;
  }
  if (!options.enabled()) return BadRotate("says not when");
  return options;
}

PartNames::PartNames(std::string path, std::uint32_t keep) : keep_(keep) {
  const std::filesystem::path whole(std::move(path));
  extension_ = whole.extension();
  stem_ = whole.parent_path() / whole.stem();
  const std::string name_stem = whole.stem();
  const auto folder = whole.has_parent_path() ? whole.parent_path() : std::filesystem::path(".");
  std::error_code error;
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const auto number = NumberIn(at->path().filename().native(), name_stem, extension_);
    if (!number) continue;
    last_ = std::max(last_, *number);
    oldest = std::min(oldest, *number);
  }
  oldest_ = last_ == 0 ? 1 : oldest;
}

std::string PartNames::Next() { return PathOf(++last_); }

void PartNames::Prune() {
  if (keep_ == 0) return;
  // A hole in the numbers may be as wide as a planted name makes it.
  constexpr std::uint64_t kMostAtOnce = 1 << 16;
  if (last_ > kMostAtOnce) oldest_ = std::max(oldest_, last_ - kMostAtOnce);
  for (; oldest_ + keep_ <= last_; ++oldest_) ::unlink(PathOf(oldest_).c_str());
}

std::string PartNames::PathOf(std::uint64_t number) const {
  return fmt::format("{}.{:0{}}{}", stem_, number, kDigits, extension_);
}

}  // namespace gotls
