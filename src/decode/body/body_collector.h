// Bytes of one body in, gotls::Body out: counts, undoes the content coding, keeps the beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "decode/body/content_decoder.h"
#include "gotls/exchange.h"

namespace gotls {

// Cheap for bodies without a coding: bytes beyond `max_content` are only counted. Bounded against
// bombs: decoding stops when the content is full and kDecodedLimit bytes came out. With a
// `max_content` of 0 nothing is decoded.
class BodyCollector {
 public:
  static constexpr std::uint64_t kDecodedLimit = 16 << 20;

  // `content_encoding`: the header's value, "" or "identity" for none; several codings are undone
  // in reverse order ("gzip, br"), an unknown one leaves the raw bytes with Body::problem.
  // `out` outlives the collector; its fields are right after each call.
  BodyCollector(Body& out, std::string_view content_encoding, std::size_t max_content);

  void Push(Bytes bytes);
  void Gap(std::uint64_t length);   // nothing behind it is added to content
  void Skip(std::uint64_t length);  // bytes that were not captured, as !wants_more() allows
  void End(bool complete);          // complete: its end was seen

  // More bytes tell more than their number.
  [[nodiscard]] bool wants_more() const {
    return decoder_ != nullptr || (open_ && out_.content.size() < max_content_);
  }

 private:
  void Decode(Bytes bytes);
  bool OnDecoded(Bytes decoded);  // false: enough
  void Keep(Bytes content);
  void Fail(std::string problem);

  Body& out_;
  std::size_t max_content_;
  bool open_ = true;                         // content still grows
  std::unique_ptr<ContentDecoder> decoder_;  // null: no coding, or it is not undone any more
  std::string raw_;                          // the beginning, as long as nothing came out decoded
  std::string refused_;                      // why there is no decoder
  bool undecoded_ = false;                   // there is none since nobody would see what it decodes
};

}  // namespace gotls
