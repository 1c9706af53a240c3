// Pairs requests and responses of one HTTP/1 connection.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "decode/decoder.h"
#include "decode/http1/http1_exchange.h"
#include "decode/http1/http1_side.h"

namespace gotls {

// Responses come in the order of their requests. That pairs them for sure, as long as no message
// was lost. Once requests or responses were lost, only clients that send the next request when the
// last response is over can be followed: a response that begins after a request, and before the
// next one, is that request's. When such a connection turns out to pipeline, its messages are shown
// apart from then on.
class Http1Connection final : public Decoder, MessageOwner {
 public:
  Http1Connection(const DecodeContext& context, bool joined);

  void OnData(Direction direction, Bytes bytes, const ByteOrigin& origin) override;
  void OnGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) override;
  void OnSkipped(Direction direction, std::uint64_t length, const ByteOrigin& origin) override;
  void OnEnd(WallTime time) override;

 private:
  static constexpr std::size_t kMaxWaiting = 1000;

  MessageWriter& OnStart(MessageRole role, const ByteOrigin& origin) override;
  std::expected<MessagePlan, HeadError> OnHead(MessageRole role, std::string_view head,
                                               bool complete) override;
  void OnMessageEnd(MessageRole role, const Ending& ending) override;
  void OnLost(MessageRole role, const Ending& why) override;
  bool MayResync(MessageRole role) override;

  // Responses that are seen before their requests: a program that is traced at the returns of its
  // Write can read the response before that. They wait for the request.
  static constexpr std::size_t kMaxEarly = 256 << 10;
  struct EarlyRun {
    std::vector<std::byte> bytes;
    ByteOrigin origin;
  };

  Http1Side& Side(Direction direction) {
    return direction == context_.requests ? requests_ : responses_;
  }
  void OnResponse(Bytes bytes, const ByteOrigin& origin);
  void ReplayEarly(bool all);
  [[nodiscard]] bool IsEarly() const;
  [[nodiscard]] bool HeadIsComing() const;

  Http1Exchange& NewExchange();
  Http1Exchange& StartRequest();
  Http1Exchange& StartResponse();
  void NotePipelining();
  std::expected<MessagePlan, HeadError> OnRequestHead(std::string_view head, bool complete);
  std::expected<MessagePlan, HeadError> OnResponseHead(std::string_view head, bool complete);
  MessagePlan OnInterim(int status);
  // 101, or CONNECT's success: no HTTP from here on.
  std::expected<MessagePlan, HeadError> SwitchProtocols(Http1Exchange& in, std::string_view to);
  void ExpectBody(Http1Exchange& in, MessageRole role, std::string_view content_encoding);
  std::unique_ptr<MessageParser> MakeParser(Http1Exchange& in, MessageRole role);
  void ReportOpen(Http1Exchange& in);
  void EndOf(Http1Exchange& in, const Ending& ending);
  void Finish(Http1Exchange& ended);

  const DecodeContext context_;
  Http1Side requests_;
  Http1Side responses_;
  Http1ExchangePool pool_;
  std::deque<Http1Exchange*> waiting_;  // for the start of their responses, in order
  Http1Exchange* sending_ = nullptr;    // whose request is under way
  Http1Exchange* receiving_ = nullptr;  // whose response is under way
  std::deque<EarlyRun> early_;
  std::size_t early_bytes_ = 0;
  std::uint32_t exchanges_ = 0;
  bool first_is_late_ = false;  // the first request comes after its response
  bool pipelined_ = false;      // a request began before the response to the last one was over
  bool lost_ = false;           // messages may have been missed
};

}  // namespace gotls
