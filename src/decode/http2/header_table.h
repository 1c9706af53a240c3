// The header table (HPACK, RFC 7541) of one direction, on nghttp2's inflater. It may start, or
// start again, in the middle of a connection.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

// A field of a header block. Views are valid during the call that passes them.
struct FieldView {
  std::string_view name;
  std::string_view value;
  bool name_known = true;
  bool value_known = true;
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void OnField(const FieldView& field) = 0;
};

// Of a table whose past is not known only this can be said: the entries that were added under our
// eyes are the newest. Entries are numbered from the newest, so it is enough to have placeholders
// for the older ones: a field that refers to one is unknown, and all others are right. There may be
// more of them than the peers have entries, since an encoder never refers to what is not there.
// Placeholders have no name and no value, which makes them as small as entries can be: so none ever
// leaves before the entry that it stands for.
class HeaderTable {
 public:
  enum class Past : std::uint8_t { kNone, kUnknown };

  explicit HeaderTable(Past past) : past_(past), lenient_(past == Past::kUnknown) {}

  // Header blocks may have passed unseen.
  void Forget();
  // A block could not be decoded. Real peers give up the connection then; when it happens again and
  // again, no more is decoded.
  void Fail();

  // The decoder's side has announced SETTINGS_HEADER_TABLE_SIZE. When the encoder heeds it, it says
  // so in its next block; so this only raises what it may say.
  void AllowSize(std::uint32_t size);

  // All of one header block. False: it is none, and Fail() was called.
  bool Decode(Bytes block, FieldVisitor& visitor);

 private:
  struct Delete {
    void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
  };
  using Inflater = std::unique_ptr<nghttp2_hd_inflater, Delete>;

  Inflater NewInflater(std::uint32_t table_size) const;
  bool Prepare();
  bool Grow();
  // Moves on from `at`; stops where a field can't be decoded.
  bool Inflate(Bytes block, std::size_t& at, FieldVisitor& visitor);

  Past past_;
  bool lenient_;  // SETTINGS that allow more may have passed unseen
  bool grown_ = false;
  unsigned failures_ = 0;
  std::uint32_t allowed_ = 64 << 10;
  Inflater inflater_;
};

}  // namespace gotls
