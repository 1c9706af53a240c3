// What happens on a stream, made into its exchange and reported.
#pragma once

#include <string>
#include <string_view>

#include "decode/decoder.h"
#include "decode/http2/frame_reader.h"
#include "decode/http2/header_list.h"
#include "decode/http2/stream.h"

namespace gotls {

// Knows nothing of other streams. Nothing in here removes a stream: End() says that it is over.
class ExchangeBuilder {
 public:
  explicit ExchangeBuilder(const DecodeContext& context) : context_(context) {}

  void Begin(Stream& stream);

  // False: the peers' fields are not what the protocol allows here. Takes what it needs out of
  // `fields`.
  bool OnFields(Stream& stream, bool from_client, const HeaderBlock& block, HeaderList& fields);
  void OnPromise(Stream& stream, const HeaderBlock& block, HeaderList& fields);
  // Fields that were lost, or of which it can't be said whether they are a head or trailers.
  void OnLostFields(Stream& stream, bool from_client, const HeaderBlock& block);
  void OnData(Stream& stream, bool from_client, const DataPiece& piece);
  // More bytes of the body that has begun tell more than their number.
  static bool WantsBody(Stream& stream, bool from_client);
  // END_STREAM.
  void EndSide(Stream& stream, bool from_client);
  // Frames may be missing from here on.
  void OnLoss(Stream& stream, bool from_client, const FrameLoss& loss);

  // Reports it. Not to be called again for this exchange.
  void End(Stream& stream, ExchangeState state, std::string_view detail);

 private:
  void CountBlock(Stream& stream, bool from_client, const HeaderBlock& block);
  void CountHead(Stream& stream, bool from_client, const HeaderBlock& block);
  void TakeRequestHead(Stream& stream, HeaderList& fields);
  void TakeResponseHead(Stream& stream, HeaderList& fields);
  void Recognize(Stream& stream);
  void TakeFields(HttpMessage& message, HeaderList& fields, std::vector<HeaderField>& spare);
  void TakeTrailers(Stream& stream, bool from_client, HeaderList& fields);
  void ForgetHead(Stream& stream, bool from_client);
  void Hurt(Stream& stream, bool from_client);
  void EndBody(Stream& stream, bool from_client, bool complete);
  void CountBody(Stream& stream, bool from_client, const DataPiece& piece);
  MessageParser* Parser(Stream& stream, bool from_client);
  void ReportOpen(Stream& stream);

  DecodeContext context_;
};

}  // namespace gotls
