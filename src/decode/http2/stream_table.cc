#include "decode/http2/stream_table.h"

#include <bit>
#include <memory>
#include <utility>

namespace gotls {
namespace {

constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kMaxPool = 8;
constexpr std::size_t kMaxKeptContent = 4096;
constexpr std::uint32_t kSpread = 0x9e3779b1;  // 2^32 over the golden ratio

// What of a message is worth keeping.
std::string Keep(HttpMessage& message, std::vector<HeaderField>& spare) {
  if (message.headers.capacity() > spare.capacity()) spare.swap(message.headers);
  if (message.body.content.capacity() > kMaxKeptContent) return {};
  message.body.content.clear();
  return std::move(message.body.content);
}

template <typename T>
void Renew(T& object) {
  std::destroy_at(&object);
  std::construct_at(&object);
}

}  // namespace

void Stream::Recycle() {
  std::string request_content = Keep(exchange.request, spare_request);
  std::string response_content = Keep(exchange.response, spare_response);
  Renew(exchange);
  exchange.request.body.content = std::move(request_content);
  exchange.response.body.content = std::move(response_content);
  Renew(request);
  Renew(response);
  reported = false;
  reset.reset();
}

StreamTable::StreamTable() : slots_(kFirstSlots) {}

Stream* StreamTable::Find(std::uint32_t id) const { return slots_[SlotOf(id)].stream.get(); }

std::size_t StreamTable::Home(std::uint32_t id) const {
  return (id * kSpread) >> (32 - std::countr_zero(slots_.size()));
}

std::size_t StreamTable::SlotOf(std::uint32_t id) const {
  std::size_t at = Home(id);
  while (slots_[at].stream && slots_[at].id != id) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void StreamTable::Rehash() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (Slot& slot : old) {
    if (slot.stream) slots_[SlotOf(slot.id)] = std::move(slot);
  }
}

Stream& StreamTable::Add(std::uint32_t id) {
  if (++size_ > slots_.size() / 2) Rehash();
  Slot& slot = slots_[SlotOf(id)];
  slot.id = id;
  if (pool_.empty()) {
    slot.stream = std::make_unique<Stream>();
  } else {
    slot.stream = std::move(pool_.back());
    pool_.pop_back();
  }
  Stream& stream = *slot.stream;
  stream.id = id;
  stream.older = newest_;
  stream.newer = nullptr;
  (newest_ ? newest_->newer : oldest_) = &stream;
  newest_ = &stream;
  return stream;
}

void StreamTable::Remove(Stream& stream) {
  (stream.older ? stream.older->newer : oldest_) = stream.newer;
  (stream.newer ? stream.newer->older : newest_) = stream.older;
  std::size_t hole = SlotOf(stream.id);
  std::unique_ptr<Stream> removed = std::move(slots_[hole].stream);
  --size_;
  // Those behind move up, where that brings none before its home.
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (hole + 1) & mask; slots_[at].stream; at = (at + 1) & mask) {
    const std::size_t from_home = (at - Home(slots_[at].id)) & mask;
    if (from_home < ((at - hole) & mask)) continue;
    slots_[hole] = std::move(slots_[at]);
    hole = at;
  }
  if (pool_.size() == kMaxPool) return;
  removed->Recycle();
  pool_.push_back(std::move(removed));
}

}  // namespace gotls
