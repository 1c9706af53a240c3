// Scripts of what passes on an HTTP/1 connection, and what the decoder made of it as text.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/decoder.h"
#include "decode/http1/http1_decoder.h"

namespace gotls::testing {

// Bytes of one direction, or a gap.
struct Step {
  bool request = true;
  std::string bytes;
  std::uint64_t gap = 0;
  int number = -1;  // in the unsplit script; time and goroutine come from it
};
using Script = std::vector<Step>;

inline Step Req(std::string_view bytes) { return {true, std::string(bytes)}; }
inline Step Res(std::string_view bytes) { return {false, std::string(bytes)}; }
inline Step ReqGap(std::uint64_t length) { return {true, {}, length}; }
inline Step ResGap(std::uint64_t length) { return {false, {}, length}; }

inline std::string_view StateName(ExchangeState state) {
  switch (state) {
    case ExchangeState::kOpen:
      return "open";
    case ExchangeState::kComplete:
      return "complete";
    case ExchangeState::kReset:
      return "reset";
    case ExchangeState::kClosed:
      return "closed";
    case ExchangeState::kGap:
      return "gap";
    case ExchangeState::kMalformed:
      return "malformed";
  }
  return "?";
}

inline std::string Printable(std::string_view text) {
  std::string printable(text);
  for (char& c : printable) c = c < ' ' || c > '~' ? '.' : c;
  return printable;
}

inline std::string BodyText(const Body& body) {
  std::string text = fmt::format("{}", body.wire_bytes);
  if (body.missing > 0) text += fmt::format("+{} missing", body.missing);
  if (!body.complete) text += " incomplete";
  if (!body.content.empty()) text += " " + Printable(body.content).substr(0, 40);
  return text;
}

inline std::string FieldsText(const std::vector<HeaderField>& fields) {
  std::string text;
  for (const HeaderField& field : fields) text += fmt::format(" {}={}", field.name, field.value);
  return text;
}

inline std::string MessageText(const HttpMessage& message, bool with_wire_bytes) {
  if (!message.seen && message.wire_bytes == 0) return " -";
  std::string text;
  if (!message.seen) text += " unseen";
  if (!message.head_complete) text += " cut";
  text += FieldsText(message.headers) + " {" + BodyText(message.body) + "}";
  text += FieldsText(message.trailers);
  const auto seconds = [](WallTime time) {
    return time.time_since_epoch() / std::chrono::seconds(1);
  };
  text +=
      fmt::format(" t{}-{} g{}", seconds(message.first), seconds(message.last), message.goroutine);
  if (with_wire_bytes) text += fmt::format(" w{}", message.wire_bytes);
  return text;
}

// Where a decoder stops to read in a run that breaks the protocol depends on the split.
inline std::string ExchangeText(const Exchange& exchange) {
  const bool with_wire_bytes = exchange.state != ExchangeState::kMalformed;
  std::string text = fmt::format("#{} {} {}://{} {}", exchange.stream, exchange.method,
                                 exchange.scheme, exchange.host, exchange.path);
  text += exchange.version == HttpVersion::kHttp10   ? " 1.0"
          : exchange.version == HttpVersion::kHttp11 ? " 1.1"
                                                     : " ?";
  for (const int status : exchange.informational) text += fmt::format(" {}", status);
  text += fmt::format(" -> {} {}", exchange.status, Printable(exchange.reason));
  if (!exchange.upgrade.empty()) text += " upgrade " + exchange.upgrade;
  text += fmt::format(" | {}", StateName(exchange.state));
  if (!exchange.detail.empty()) text += ": " + exchange.detail;
  text += "\n  >" + MessageText(exchange.request, with_wire_bytes);
  text += "\n  <" + MessageText(exchange.response, with_wire_bytes) + "\n";
  return text;
}

// Keeps what a decoder finds as text; checks the promises of DecodeObserver.
class Recorder final : public DecodeObserver {
 public:
  void OnExchange(Exchange& exchange) override {
    if (exchange.state == ExchangeState::kOpen) {
      text += fmt::format("#{} open {}\n", exchange.stream, static_cast<int>(exchange.application));
      if (!open.insert(exchange.id.value).second) text += "OPENED TWICE\n";
    } else {
      if (!ended.insert(exchange.id.value).second) text += "ENDED TWICE\n";
      text += ExchangeText(exchange);
    }
  }
  void OnMessage(Exchange& exchange, Message& message) override {
    if (!open.contains(exchange.id.value) || ended.contains(exchange.id.value)) {
      text += "MESSAGE OF AN EXCHANGE THAT IS NOT OPEN\n";
    }
    text += fmt::format("#{} message {} {} {}\n", exchange.stream,
                        message.from_client ? "client" : "server", message.number, message.content);
  }
  void OnOpaque(Direction direction, Bytes bytes, const ByteOrigin& origin) override {
    std::string& opaque = opaques[static_cast<std::size_t>(direction)];
    if (opaque.empty()) opaque = fmt::format("{}:", origin.position.value);
    opaque += AsText(bytes);
  }
  void OnOpaqueGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) override {
    opaques[static_cast<std::size_t>(direction)] +=
        fmt::format("[{} missing at {}]", length, origin.position.value);
  }

  std::string text;
  std::set<std::uint64_t> open;
  std::set<std::uint64_t> ended;
  std::array<std::string, 2> opaques;  // by Direction
};

struct RunResult {
  std::string text;
  DecodeCounters counters;
  std::uint64_t exchanges = 0;
};

inline RunResult RunScript(const Script& script, bool joined = false,
                           std::size_t max_body = 1 << 20, Direction requests = Direction::kWrite) {
  const Connection connection;
  const DecodeOptions options{.max_body = max_body};
  RunResult result;
  Recorder recorder;
  const DecodeContext context{connection,      options,          recorder,
                              result.counters, result.exchanges, requests};
  const auto decoder = MakeHttp1Decoder(context, joined);
  std::array<std::uint64_t, 2> positions{};
  int number = 0;
  for (const Step& step : script) {
    const int at = step.number < 0 ? number : step.number;
    const Direction direction = step.request ? requests : Opposite(requests);
    std::uint64_t& position = positions[static_cast<std::size_t>(direction)];
    const ByteOrigin origin{StreamPosition{position}, WallTime{std::chrono::seconds(at)},
                            static_cast<std::uint64_t>(at)};
    if (step.gap > 0) {
      decoder->OnGap(direction, step.gap, origin);
    } else {
      decoder->OnData(direction, AsBytes(step.bytes), origin);
    }
    position += step.gap + step.bytes.size();
    ++number;
  }
  decoder->OnEnd({});
  result.text = std::move(recorder.text);
  for (const auto& [name, opaque] :
       {std::pair{"read", recorder.opaques[0]}, std::pair{"written", recorder.opaques[1]}}) {
    if (!opaque.empty()) result.text += fmt::format("opaque {} {}\n", name, Printable(opaque));
  }
  if (recorder.ended.size() != result.exchanges) result.text += "NOT ALL ENDED\n";
  return result;
}

// The script with each step cut where `cut(size)` says, again and again: pieces of that size.
template <typename Cut>
Script Split(const Script& script, Cut cut) {
  Script pieces;
  int number = 0;
  for (const Step& step : script) {
    std::string_view rest = step.bytes;
    while (!rest.empty()) {
      const std::size_t size = cut(rest.size());
      pieces.push_back({step.request, std::string(rest.substr(0, size)), 0, number});
      rest.remove_prefix(std::min(size, rest.size()));
    }
    if (step.gap > 0) pieces.push_back({step.request, {}, step.gap, number});
    ++number;
  }
  return pieces;
}

}  // namespace gotls::testing
