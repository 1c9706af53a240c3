#include "decode/http2/http2_decoder.h"

#include <algorithm>

#include "decode/http2/boundary_search.h"
#include "decode/http2/frame.h"
#include "decode/http2/http2_connection.h"

namespace gotls {
namespace {

// The evidence in the frames that are there; nothing when they are none.
std::optional<int> Evidence(Bytes start, bool from_client) {
  int evidence = 0;
  std::uint32_t stream = 0;
  while (start.size() >= kFrameHeaderBytes) {
    const FrameHeader header = ParseFrameHeader(start);
    if (!IsBelievable(header, from_client) || header.type == FrameType::kContinuation) {
      return std::nullopt;
    }
    evidence += HeaderEvidence(header, stream);
    if (header.stream != 0) stream = header.stream;
    const auto payload = SubBytes(start, kFrameHeaderBytes, header.length);
    if (!payload) return evidence;
    const auto more = PayloadEvidence(header, *payload, from_client);
    if (!more) return std::nullopt;
    evidence += *more;
    start = start.subspan(kFrameHeaderBytes + header.length);
  }
  return evidence;
}

// A connection's first SETTINGS.
bool IsSettings(Bytes start) {
  const FrameHeader header = ParseFrameHeader(start);
  if (header.type != FrameType::kSettings || header.Has(kFlagAck)) return false;
  const auto payload = SubBytes(start, kFrameHeaderBytes, header.length);
  return payload && IsBelievablePayload(header, *payload);
}

}  // namespace

Guess LooksLikeHttp2Preface(Bytes start) {
  const std::size_t size = std::min(start.size(), kHttp2Preface.size());
  if (AsText(start.first(size)) != kHttp2Preface.substr(0, size)) return Guess::kNo;
  return size == kHttp2Preface.size() ? Guess::kYes : Guess::kNeedMore;
}

Guess LooksLikeHttp2Frames(Bytes start) {
  // Here is only one place to look at, where a search tries thousands.
  constexpr int kEnoughAtStart = 22;
  start = start.first(std::min(start.size(), kHttp2GuessBytes));
  if (start.size() < kFrameHeaderBytes) return Guess::kNeedMore;
  const auto as_client = Evidence(start, true);
  const auto as_server = Evidence(start, false);
  if (!as_client && !as_server) return Guess::kNo;
  const int evidence = std::max(as_client.value_or(0), as_server.value_or(0));
  if (evidence >= kEnoughAtStart || IsSettings(start)) return Guess::kYes;
  return start.size() < kHttp2GuessBytes ? Guess::kNeedMore : Guess::kNo;
}

std::unique_ptr<Decoder> MakeHttp2Decoder(const DecodeContext& context, bool joined) {
  return std::make_unique<Http2Connection>(context, joined);
}

}  // namespace gotls
