#include "decode/http2/header_table.h"

#include <algorithm>
#include <array>
#include <vector>

#include "decode/http2/hpack_scan.h"

namespace gotls {
namespace {

constexpr std::uint32_t kDefaultTableSize = 4096;
// Memory for a table is bounded whatever the peers agree on.
constexpr std::uint32_t kMaxTableSize = 1 << 20;
// How many placeholders a table whose size is not known can come to have, by their size.
constexpr std::uint32_t kGrownTableSize = 64 << 10;
constexpr std::uint32_t kEntryOverhead = 32;
// A new table costs as much as a thousand fields.
constexpr unsigned kMaxFailures = 32;
constexpr std::size_t kStaticEntries = 61;

const std::uint8_t* Data(Bytes bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

void AppendInteger(std::vector<std::uint8_t>& out, std::uint8_t pattern, unsigned prefix_bits,
                   std::size_t value) {
  const std::size_t most = (std::size_t{1} << prefix_bits) - 1;
  if (value < most) {
    out.push_back(static_cast<std::uint8_t>(pattern | value));
    return;
  }
  out.push_back(static_cast<std::uint8_t>(pattern | most));
  for (value -= most; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<std::uint8_t>(0x80 | (value & 0x7f)));
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void AppendString(std::vector<std::uint8_t>& out, const std::uint8_t* data, std::size_t size) {
  AppendInteger(out, 0, 7, size);
  out.insert(out.end(), data, data + size);
}

void AppendNewEntry(std::vector<std::uint8_t>& out, const nghttp2_nv& entry) {
  out.push_back(0x40);
  AppendString(out, entry.name, entry.namelen);
  AppendString(out, entry.value, entry.valuelen);
}

bool Feed(nghttp2_hd_inflater* inflater, const std::vector<std::uint8_t>& block) {
  std::size_t at = 0;
  int flags = 0;
  while (at < block.size() || (flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
    nghttp2_nv field;
    const auto used =
        nghttp2_hd_inflate_hd2(inflater, &field, &flags, block.data() + at, block.size() - at, 1);
    if (used < 0) return false;
    at += static_cast<std::size_t>(used);
  }
  return nghttp2_hd_inflate_end_headers(inflater) == 0;
}

FieldView View(const nghttp2_nv& field) {
  FieldView view{
      .name = {reinterpret_cast<const char*>(field.name), field.namelen},
      .value = {reinterpret_cast<const char*>(field.value), field.valuelen},
  };
  view.name_known = !view.name.empty();
  view.value_known = view.name_known || !view.value.empty();
  return view;
}

}  // namespace

void HeaderTable::Forget() {
  past_ = Past::kUnknown;
  lenient_ = true;
  grown_ = false;
  inflater_.reset();
}

void HeaderTable::Fail() {
  ++failures_;
  Forget();
}

void HeaderTable::AllowSize(std::uint32_t size) {
  allowed_ = std::max(allowed_, std::min(size, kMaxTableSize));
  if (inflater_ && !lenient_) nghttp2_hd_inflate_change_table_size(inflater_.get(), allowed_);
}

HeaderTable::Inflater HeaderTable::NewInflater(std::uint32_t table_size) const {
  nghttp2_hd_inflater* raw = nullptr;
  if (nghttp2_hd_inflate_new(&raw) != 0) return nullptr;
  Inflater inflater(raw);
  nghttp2_hd_inflate_change_table_size(raw, lenient_ ? kMaxTableSize : allowed_);
  if (table_size == kDefaultTableSize) return inflater;
  std::vector<std::uint8_t> block;
  AppendInteger(block, 0x20, 5, table_size);
  return Feed(raw, block) ? std::move(inflater) : nullptr;
}

bool HeaderTable::Prepare() {
  if (inflater_) return true;
  inflater_ = NewInflater(kDefaultTableSize);
  if (!inflater_ || past_ == Past::kNone) return inflater_ != nullptr;
  std::vector<std::uint8_t> block;
  for (std::uint32_t i = 0; i < kDefaultTableSize / kEntryOverhead; ++i) AppendNewEntry(block, {});
  return Feed(inflater_.get(), block);
}

// The peers' table turned out to hold more than 4096 bytes: more placeholders below what is there.
bool HeaderTable::Grow() {
  if (past_ != Past::kUnknown || grown_) return false;
  grown_ = true;
  const auto said =
      static_cast<std::uint32_t>(nghttp2_hd_inflate_get_max_dynamic_table_size(inflater_.get()));
  const std::uint32_t size = said == kDefaultTableSize ? kGrownTableSize : said;
  std::vector<std::uint8_t> block;
  for (std::uint32_t i = 0; i < size / kEntryOverhead; ++i) AppendNewEntry(block, {});
  std::size_t left = nghttp2_hd_inflate_get_num_table_entries(inflater_.get());
  for (; left > kStaticEntries; --left) {
    AppendNewEntry(block, *nghttp2_hd_inflate_get_table_entry(inflater_.get(), left));
  }
  Inflater larger = NewInflater(size);
  if (!larger || !Feed(larger.get(), block)) return false;
  inflater_ = std::move(larger);
  return true;
}

bool HeaderTable::Decode(Bytes block, FieldVisitor& visitor) {
  if (failures_ > kMaxFailures || !Prepare()) return false;
  const TableSizeUpdates updates = ReadTableSizeUpdates(block);
  std::size_t at = 0;
  bool good = Inflate(block, at, visitor);
  if (!good && Grow()) good = Inflate(block, at, visitor);
  if (!good) {
    Fail();
    return false;
  }
  // Nothing is left of what was before.
  if (updates.smallest && *updates.smallest < kEntryOverhead) past_ = Past::kNone;
  return true;
}

bool HeaderTable::Inflate(Bytes block, std::size_t& at, FieldVisitor& visitor) {
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, Data(block) + at,
                                             block.size() - at, 1);
    if (used < 0) return false;
    at += static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) visitor.OnField(View(field));
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) continue;
    nghttp2_hd_inflate_end_headers(inflater_.get());
    return true;
  }
}

}  // namespace gotls
