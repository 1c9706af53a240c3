#include "decode/http2/held_bytes.h"

#include <algorithm>

namespace gotls {

HeldBytes::Run HeldBytes::RunFrom(std::uint64_t offset) const {
  const auto next =
      std::upper_bound(runs_.begin(), runs_.end(), offset,
                       [](std::uint64_t at, const Start& start) { return at < start.offset; });
  const Start& run = *std::prev(next);
  const std::uint64_t run_end = next == runs_.end() ? end() : next->offset;
  return {From(offset).first(run_end - offset), OriginAt(run.origin, offset - run.offset)};
}

void HeldBytes::Append(Bytes bytes, const ByteOrigin& origin) {
  if (bytes.empty()) return;
  if (runs_.empty() || !Continues(origin)) runs_.push_back({end(), origin});
  data_.insert(data_.end(), bytes.begin(), bytes.end());
}

bool HeldBytes::Continues(const ByteOrigin& origin) const {
  const Start& last = runs_.back();
  return origin.time == last.origin.time && origin.goroutine == last.origin.goroutine &&
         origin.position.value - last.origin.position.value == end() - last.offset;
}

void HeldBytes::DropTo(std::uint64_t offset) {
  front_ = offset - dropped_;
  if (front_ < data_.size() / 2) return;  // moved only when it pays
  dropped_ = offset;
  data_.erase(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(front_));
  front_ = 0;
  const auto first_later =
      std::upper_bound(runs_.begin(), runs_.end(), offset,
                       [](std::uint64_t at, const Start& start) { return at < start.offset; });
  if (first_later != runs_.begin()) runs_.erase(runs_.begin(), std::prev(first_later));
}

void HeldBytes::Clear() {
  // A search is rare and its buffer large.
  std::vector<std::byte>().swap(data_);
  std::vector<Start>().swap(runs_);
  front_ = 0;
  dropped_ = 0;
}

}  // namespace gotls
