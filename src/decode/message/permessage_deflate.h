// WebSocket's compression (RFC 7692).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "decode/body/inflater.h"
#include "gotls/exchange.h"

namespace gotls {

// What the response's Sec-WebSocket-Extensions agreed on. The sizes of the windows don't matter
// here: a larger one undoes what was made with a smaller one.
struct PermessageDeflate {
  bool agreed = false;
  bool known = true;  // false: the header's value is not known
  bool client_takeover = true;
  bool server_takeover = true;
};
PermessageDeflate ReadPermessageDeflate(const std::vector<HeaderField>& response_headers);

// One side's messages, one after the other. With `takeover` a message refers to those before it:
// one that was not undone makes the rest of them unreadable.
class MessageInflater {
 public:
  // `max_message`: bytes that one message may unfold to.
  MessageInflater(bool takeover, std::uint64_t max_message);

  // Before each message: why it can't be undone; "" when it can.
  [[nodiscard]] std::string_view Begin();
  std::expected<void, std::string> Push(Bytes bytes, const ContentDecoder::Out& out);
  std::expected<void, std::string> End(const ContentDecoder::Out& out);
  // Bytes of a message are missing; or a message was missed.
  void Lose() { lost_ = true; }

 private:
  std::expected<void, std::string> Run(Bytes bytes, const ContentDecoder::Out& out);
  std::unexpected<std::string> Corrupt();

  const bool takeover_;
  const std::uint64_t max_message_;
  Inflater inflater_{Inflater::Format::kRaw};
  bool lost_ = false;
  std::uint64_t decoded_ = 0;
  int final_blocks_ = 0;
};

}  // namespace gotls
