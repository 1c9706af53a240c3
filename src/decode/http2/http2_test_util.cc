#include "decode/http2/http2_test_util.h"

#include <fmt/format.h>

#include <algorithm>

namespace gotls::http2_test {
std::vector<nghttp2_nv> Pairs(const Fields& fields) {
  std::vector<nghttp2_nv> pairs;
  for (const auto& [name, value] : fields) {
    pairs.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                     reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                     value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return pairs;
}

Decoding::Decoding(bool joined, std::size_t max_body) {
  options_.max_body = max_body;
  Make(joined);
}

Decoding::Decoding(AtReturn end) : role_(end.role), at_return_(true) { Make(false); }

void Decoding::Make(bool joined) {
  connection_.id.value = 7;
  decoder_ = MakeHttp2Decoder({.connection = connection_,
                               .options = options_,
                               .observer = found_,
                               .counters = found_.counters,
                               .last_exchange = last_exchange_,
                               .requests = Seen(kClientToServer)},
                              joined);
}

ByteOrigin Decoding::Origin(Direction direction) const {
  return {{position_[static_cast<int>(direction)]},
          time_,
          direction == kClientToServer ? 11U : 22U,
          at_return_};
}

void Decoding::Data(Direction direction, std::string_view bytes) {
  // A copy of its own: reads beyond it are found.
  const std::vector<char> copy(bytes.begin(), bytes.end());
  decoder_->OnData(Seen(direction), AsBytes({copy.data(), copy.size()}), Origin(direction));
  position_[static_cast<int>(direction)] += bytes.size();
  time_ += std::chrono::nanoseconds(bytes.size());
}

void Decoding::Gap(Direction direction, std::uint64_t length) {
  decoder_->OnGap(Seen(direction), length, Origin(direction));
  position_[static_cast<int>(direction)] += length;
}

void Decoding::Tick() { decoder_->OnTick(time_); }

void Decoding::Skip(Direction direction, std::uint64_t length) {
  decoder_->OnSkipped(Seen(direction), length, Origin(direction));
  position_[static_cast<int>(direction)] += length;
}

void Decoding::End() { decoder_->OnEnd(time_); }

std::string Big32(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string frame = Big32(static_cast<std::uint32_t>(payload.size())).substr(1);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + Big32(stream) + std::string(payload);
}

Encoder::Encoder(std::size_t table_size) { nghttp2_hd_deflate_new(&deflater_, table_size); }

Encoder::~Encoder() { nghttp2_hd_deflate_del(deflater_); }

void Encoder::ChangeTableSize(std::size_t size) {
  nghttp2_hd_deflate_change_table_size(deflater_, size);
}

std::string Encoder::Block(const Fields& fields) {
  const auto pairs = Pairs(fields);
  std::string block(nghttp2_hd_deflate_bound(deflater_, pairs.data(), pairs.size()), '\0');
  const auto size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(block.data()),
                                          block.size(), pairs.data(), pairs.size());
  block.resize(static_cast<std::size_t>(size));
  return block;
}

namespace {

std::string Describe(const std::vector<HeaderField>& fields) {
  std::string text;
  for (const HeaderField& field : fields) {
    text += fmt::format(" {}={};", field.name_known ? field.name : "?",
                        field.value_known ? field.value : "?");
  }
  return text;
}

std::string Describe(const HttpMessage& message) {
  const Body& body = message.body;
  return fmt::format(
      "  seen {} head {} wire {} goroutine {}\n   headers{}\n   trailers{}\n   body {}+{} of {} "
      "complete {} truncated {} coding '{}' problem '{}': {}\n",
      message.seen, message.head_complete, message.wire_bytes, message.goroutine,
      Describe(message.headers), Describe(message.trailers), body.wire_bytes, body.missing,
      body.decoded_bytes, body.complete, body.truncated, body.content_encoding, body.problem,
      std::hash<std::string>{}(body.content));
}

}  // namespace

std::string Describe(const Exchange& exchange) {
  std::string text = fmt::format(
      "stream {} state {} '{}' application {} pushed {} {} {} {} {} upgrade '{}' status {}",
      exchange.stream, static_cast<int>(exchange.state), exchange.detail,
      static_cast<int>(exchange.application), exchange.pushed, exchange.method, exchange.scheme,
      exchange.host, exchange.path, exchange.upgrade, exchange.status);
  for (const int status : exchange.informational) text += fmt::format(" after {}", status);
  return text + "\n" + Describe(exchange.request) + Describe(exchange.response);
}

std::string Describe(const Found& found) {
  std::string text;
  for (const Exchange& exchange : found.exchanges) text += Describe(exchange);
  return text;
}

Found DecodeWhole(const Transcript& transcript) {
  Decoding decoding(false);
  for (const Write& write : transcript) decoding.Data(write.direction, write.bytes);
  decoding.End();
  return decoding.found();
}

}  // namespace gotls::http2_test
