// Whole sessions, with nghttp2 as both peers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

using Random = std::mt19937;

std::uint32_t Number(Random& random) { return static_cast<std::uint32_t>(random()); }

std::uint32_t Pick(Random& random, std::uint32_t below) { return Number(random) % below; }

void AddRegular(Random& random, Fields& fields) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "user-agent", "accept",  "cookie",       "x-request-id", "etag",          "server",
      "vary",       "x-trace", "content-type", "x-tenant",     "cache-control", "x-flag"};
  const std::uint32_t count = Pick(random, 7);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto name = kNames[Pick(random, kNames.size())];
    std::string value = fmt::format("{}-{}", name, Pick(random, 4));
    if (Pick(random, 8) == 0) value += std::string(Pick(random, 900), 'x');
    if (Pick(random, 6) == 0) value = fmt::format("{}", random());
    fields.emplace_back(name, value);
  }
}

// Zeros, small numbers and text as well as noise: what bodies are full of.
std::string RandomBody(Random& random) {
  static constexpr std::array<std::uint32_t, 6> kSizes = {0, 1, 40, 700, 9000, 70000};
  std::string body(Pick(random, kSizes[Pick(random, kSizes.size())] + 1), '\0');
  const std::uint32_t kind = Pick(random, 4);
  std::uint32_t number = Number(random);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (kind == 0) body[i] = static_cast<char>(random());
    if (kind == 1) body[i] = static_cast<char>("0123456789abcdef \n"[Pick(random, 18)]);
    if (kind == 2) body[i] = static_cast<char>(number >> (24 - i % 4 * 8) & 0x0f);
    if (kind == 2 && i % 4 == 3) ++number;
    if (kind == 3) body[i] = static_cast<char>(Pick(random, 3));
  }
  return body;
}

struct Peer {
  nghttp2_session* session = nullptr;
  Direction direction = kClientToServer;
  Random* random = nullptr;
  Truth* truth = nullptr;
  bool server = false;
  std::map<std::int32_t, std::size_t> sent{};  // of each body
};

ssize_t ReadBody(nghttp2_session* session, std::int32_t id, std::uint8_t* to, std::size_t size,
                 std::uint32_t* flags, nghttp2_data_source* source, void*) {
  Peer& peer = *static_cast<Peer*>(source->ptr);
  const TrueExchange& truth = (*peer.truth)[static_cast<std::uint32_t>(id)];
  const std::string& body = peer.server ? truth.response_body : truth.request_body;
  const Fields& trailers = peer.server ? truth.response_trailers : truth.request_trailers;
  std::size_t& sent = peer.sent[id];
  size = std::min({size, body.size() - sent, std::size_t{1} + Pick(*peer.random, 16384)});
  std::copy_n(body.data() + sent, size, to);
  sent += size;
  if (sent == body.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto pairs = Pairs(trailers);
      nghttp2_submit_trailer(session, id, pairs.data(), pairs.size());
    }
  }
  return static_cast<ssize_t>(size);
}

ssize_t Pad(nghttp2_session*, const nghttp2_frame* frame, std::size_t most, void* user) {
  Random& random = *static_cast<Peer*>(user)->random;
  const std::size_t pad = Pick(random, 10) == 0 ? Pick(random, 60) : 0;
  return static_cast<ssize_t>(std::min(frame->hd.length + pad, most));
}

void Respond(Peer& peer, std::int32_t id) {
  Random& random = *peer.random;
  TrueExchange& truth = (*peer.truth)[static_cast<std::uint32_t>(id)];
  if (Pick(random, 25) == 0) {
    nghttp2_submit_rst_stream(peer.session, 0, id, NGHTTP2_REFUSED_STREAM);
    return;
  }
  static constexpr std::array<std::string_view, 8> kStatuses = {"200", "200", "204", "404",
                                                                "500", "201", "302", "418"};
  if (Pick(random, 8) == 0) {
    const Fields hints = {{":status", "103"}, {"link", "</style.css>; rel=preload"}};
    const auto early = Pairs(hints);
    nghttp2_submit_headers(peer.session, 0, id, nullptr, early.data(), early.size(), nullptr);
  }
  truth.response = {{":status", std::string(kStatuses[Pick(random, kStatuses.size())])}};
  AddRegular(random, truth.response);
  if (Pick(random, 2) == 0) {
    truth.response_trailers = {{"grpc-status", fmt::format("{}", Pick(random, 3))}};
    AddRegular(random, truth.response_trailers);
  }
  truth.response_body = RandomBody(random);
  const bool bare = truth.response_body.empty() && truth.response_trailers.empty();
  nghttp2_data_provider provider{{.ptr = &peer}, ReadBody};
  const auto pairs = Pairs(truth.response);
  nghttp2_submit_response(peer.session, id, pairs.data(), pairs.size(), bare ? nullptr : &provider);
}

int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  Peer& peer = *static_cast<Peer*>(user);
  if (!peer.server) return 0;
  const bool of_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (of_request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    Respond(peer, frame->hd.stream_id);
  }
  return 0;
}

int OnSent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  Peer& peer = *static_cast<Peer*>(user);
  if (peer.server || frame->hd.type != NGHTTP2_HEADERS) return 0;
  (*peer.truth)[static_cast<std::uint32_t>(frame->hd.stream_id)].sent = true;
  return 0;
}

void Ask(Peer& peer) {
  Random& random = *peer.random;
  TrueExchange truth;
  static constexpr std::array<std::string_view, 4> kMethods = {"GET", "POST", "PUT", "DELETE"};
  truth.request = {{":method", std::string(kMethods[Pick(random, 4)])},
                   {":scheme", "https"},
                   {":authority", fmt::format("host{}.example", Pick(random, 3))},
                   {":path", fmt::format("/things/{}", Pick(random, 12))}};
  AddRegular(random, truth.request);
  truth.request_body = Pick(random, 2) == 0 ? RandomBody(random) : "";
  if (Pick(random, 6) == 0) truth.request_trailers = {{"x-checksum", "1"}, {"x-more", "2"}};
  const bool bare = truth.request_body.empty() && truth.request_trailers.empty();
  const auto id = static_cast<std::uint32_t>(nghttp2_session_get_next_stream_id(peer.session));
  nghttp2_data_provider provider{{.ptr = &peer}, ReadBody};
  const auto pairs = Pairs(truth.request);
  (*peer.truth)[id] = truth;
  nghttp2_submit_request(peer.session, nullptr, pairs.data(), pairs.size(),
                         bare ? nullptr : &provider, nullptr);
  if (Pick(random, 30) == 0) {
    nghttp2_submit_rst_stream(peer.session, 0, static_cast<std::int32_t>(id), NGHTTP2_CANCEL);
  }
}

void Open(Peer& peer) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnSent);
  nghttp2_session_callbacks_set_select_padding_callback(callbacks, Pad);
  (peer.server ? nghttp2_session_server_new : nghttp2_session_client_new)(&peer.session, callbacks,
                                                                          &peer);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 2> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}}};
  nghttp2_submit_settings(peer.session, 0, settings.data(), settings.size());
  nghttp2_submit_window_update(peer.session, 0, 0, 8 << 20);
}

// Some of what an end has to say goes to the other one, as one write.
bool Move(Peer& from, Peer& to, Transcript& transcript) {
  std::string bytes;
  const std::uint32_t frames = 1 + Pick(*from.random, 8);
  for (std::uint32_t i = 0; i < frames; ++i) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(from.session, &data);
    if (size <= 0) break;
    bytes.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
  if (bytes.empty()) return false;
  transcript.push_back({from.direction, bytes});
  nghttp2_session_mem_recv(to.session, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                           bytes.size());
  return true;
}

std::string WrongFields(std::string_view what, const std::vector<HeaderField>& found,
                        const Fields& truth) {
  if (found.size() != truth.size()) {
    return fmt::format("{}: {} fields, not {}", what, found.size(), truth.size());
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].name_known && found[i].name != truth[i].first) {
      return fmt::format("{}: {}, not {}", what, found[i].name, truth[i].first);
    }
    if (found[i].value_known && found[i].value != truth[i].second) {
      return fmt::format("{}: {}: {}, not {}", what, truth[i].first, found[i].value,
                         truth[i].second);
    }
  }
  return {};
}

// The fields that are not told by a member of the exchange.
Fields Rest(const Fields& fields, const Fields& told) {
  Fields rest;
  for (const auto& field : fields) {
    const bool is_told = std::any_of(told.begin(), told.end(), [&](const auto& known) {
      return known.first == field.first && !known.second.empty();
    });
    if (!is_told) rest.push_back(field);
  }
  return rest;
}

std::string WrongPseudo(const Fields& told, const Fields& truth) {
  for (const auto& [name, value] : told) {
    if (value.empty()) continue;
    const auto real = std::find_if(truth.begin(), truth.end(),
                                   [&](const auto& field) { return field.first == name; });
    if (real == truth.end()) return fmt::format("{} {} out of nothing", name, value);
    if (real->second != value) return fmt::format("{} {}, not {}", name, value, real->second);
  }
  return {};
}

std::string WrongBody(std::string_view what, const Exchange& exchange, const HttpMessage& message,
                      const std::string& truth) {
  const Body& body = message.body;
  if (body.wire_bytes + body.missing > truth.size()) {
    return fmt::format("{}: {}+{} bytes, not {}", what, body.wire_bytes, body.missing,
                       truth.size());
  }
  if (!truth.starts_with(body.content)) return fmt::format("{}: other content", what);
  const bool all = body.wire_bytes == truth.size();
  if (body.complete && !all) return fmt::format("{}: complete without its bytes", what);
  if (exchange.state == ExchangeState::kComplete &&
      (!message.seen || body.wire_bytes + body.missing != truth.size() || body.complete != all)) {
    return fmt::format("{}: the exchange is complete, this is not", what);
  }
  return {};
}

std::string WrongMessage(std::string_view what, const HttpMessage& message, const Fields& told,
                         const Fields& head, const Fields& trailers) {
  if (!message.seen) {
    if (!message.headers.empty()) return fmt::format("{}: fields of no head", what);
  } else if (message.head_complete) {
    if (auto wrong = WrongPseudo(told, head); !wrong.empty()) return wrong;
    auto wrong = WrongFields(what, message.headers, Rest(head, told));
    if (!wrong.empty()) return wrong;
  }
  if (message.trailers.empty()) return {};
  return WrongFields(fmt::format("{} trailers", what), message.trailers, trailers);
}

}  // namespace

std::string Wrong(const Exchange& exchange, const Truth& all) {
  const auto entry = all.find(exchange.stream);
  if (entry == all.end() || !entry->second.sent) return "a stream that there was not";
  const TrueExchange& truth = entry->second;
  const std::string status = exchange.status == 0 ? "" : std::to_string(exchange.status);
  const Fields request = {{":method", exchange.method},
                          {":scheme", exchange.scheme},
                          {":authority", exchange.host},
                          {":path", exchange.path}};
  for (const std::string& wrong :
       {WrongMessage("request", exchange.request, request, truth.request, truth.request_trailers),
        WrongMessage("response", exchange.response, {{":status", status}}, truth.response,
                     truth.response_trailers),
        WrongBody("request", exchange, exchange.request, truth.request_body),
        WrongBody("response", exchange, exchange.response, truth.response_body)}) {
    if (!wrong.empty()) return wrong;
  }
  return exchange.version == HttpVersion::kHttp2 ? "" : "version";
}

Session RunSession(std::uint32_t seed, int count, std::uint32_t concurrent) {
  Random random(seed);
  Session session;
  Peer client{.direction = kClientToServer, .random = &random, .truth = &session.truth};
  Peer server{.direction = kServerToClient, .random = &random, .truth = &session.truth};
  server.server = true;
  Open(client);
  Open(server);
  for (int asked = 0;;) {
    for (std::uint32_t more = Pick(random, concurrent + 1); more > 0 && asked < count; --more) {
      Ask(client);
      ++asked;
    }
    const bool sent = Move(client, server, session.transcript);
    const bool answered = Move(server, client, session.transcript);
    if (!sent && !answered && asked == count) break;
    if (Pick(random, 20) == 0) nghttp2_submit_ping(server.session, 0, nullptr);
  }
  nghttp2_session_del(client.session);
  nghttp2_session_del(server.session);
  return session;
}

}  // namespace gotls::http2_test
