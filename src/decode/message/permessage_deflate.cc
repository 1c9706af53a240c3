#include "decode/message/permessage_deflate.h"

#include <algorithm>

#include "decode/message/headers.h"

namespace gotls {
namespace {

constexpr int kMaxFinalBlocks = 16;

std::string_view TakeUntil(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return TrimBlanks(part);
}

}  // namespace

PermessageDeflate ReadPermessageDeflate(const std::vector<HeaderField>& response_headers) {
  PermessageDeflate result;
  for (const HeaderField& field : response_headers) {
    if (!EqualsIgnoreCase(field.name, "sec-websocket-extensions")) continue;
    if (!field.value_known) result.known = false;
    std::string_view extensions = field.value;
    while (!extensions.empty()) {
      std::string_view parameters = TakeUntil(extensions, ',');
      if (!EqualsIgnoreCase(TakeUntil(parameters, ';'), "permessage-deflate")) continue;
      result.agreed = true;
      while (!parameters.empty()) {
        const std::string_view parameter = TakeUntil(parameters, ';');
        if (EqualsIgnoreCase(parameter, "client_no_context_takeover")) {
          result.client_takeover = false;
        }
        if (EqualsIgnoreCase(parameter, "server_no_context_takeover")) {
          result.server_takeover = false;
        }
      }
    }
  }
  return result;
}

MessageInflater::MessageInflater(bool takeover, std::uint64_t max_message)
    : takeover_(takeover), max_message_(max_message) {}

std::string_view MessageInflater::Begin() {
  decoded_ = 0;
  final_blocks_ = 0;
  if (!takeover_) {
    inflater_.Reset(Inflater::Window::kForget);
    lost_ = false;
  }
  return lost_ ? "deflate: refers to a message that could not be read" : "";
}

std::expected<void, std::string> MessageInflater::Push(Bytes bytes,
                                                       const ContentDecoder::Out& out) {
  return Run(bytes, out);
}

std::expected<void, std::string> MessageInflater::End(const ContentDecoder::Out& out) {
  using namespace std::string_view_literals;
  // The sender cut this off the end of each message.
  return Run(AsBytes("\0\0\xff\xff"sv), out);
}

std::expected<void, std::string> MessageInflater::Run(Bytes bytes, const ContentDecoder::Out& out) {
  const auto bounded = [this, &out](Bytes decoded) {
    const std::uint64_t room = max_message_ - decoded_;
    const Bytes fitting = decoded.first(std::min<std::uint64_t>(room, decoded.size()));
    decoded_ += fitting.size();
    return out(fitting) && fitting.size() == decoded.size();
  };
  while (!bytes.empty()) {
    switch (inflater_.Run(bytes, bounded)) {
      case Inflater::State::kMore:
        return {};
      case Inflater::State::kEnd:  // a final block: the next one begins anew
        // Starting anew is dear, and hardly anybody does it even once in a message.
        if (++final_blocks_ > kMaxFinalBlocks) return Corrupt();
        inflater_.Reset(Inflater::Window::kKeep);
        break;
      case Inflater::State::kStopped:
        lost_ = true;
        return std::unexpected("deflate: unfolds to too much");
      case Inflater::State::kCorrupt:
        return Corrupt();
    }
  }
  return {};
}

std::unexpected<std::string> MessageInflater::Corrupt() {
  lost_ = true;
  return std::unexpected(std::string("deflate: corrupt"));
}

}  // namespace gotls
