#include "decode/message/base64_decoder.h"

#include <fmt/format.h>

#include <cstdint>

namespace gotls {
namespace {

constexpr std::size_t kPiece = 4096;

int Sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

class Base64Decoder final : public ContentDecoder {
 public:
  std::expected<void, std::string> Push(Bytes bytes, const Out& out) override {
    for (const char c : AsText(bytes)) {
      if (done_) return {};
      if (!Take(c)) {
        Flush(out);
        done_ = true;
        return std::unexpected(fmt::format("corrupt at {}", used_));
      }
      ++used_;
      if (piece_.size() >= kPiece) Flush(out);
    }
    Flush(out);
    return {};
  }

  bool AtEnd() const override { return in_quantum_ == 0; }

 private:
  // False: this can't stand here.
  bool Take(char c) {
    if (c == '\r' || c == '\n') return true;
    if (c == '=') return Pad();
    const int sextet = Sextet(c);
    if (sextet < 0 || padding_ > 0) return false;
    bits_ = bits_ << 6U | static_cast<std::uint32_t>(sextet);
    ++in_quantum_;
    // Each byte as soon as its bits are there.
    if (in_quantum_ > 1) {
      piece_ += static_cast<char>(bits_ >> (2 * (4 - in_quantum_)) & 0xFFU);
    }
    if (in_quantum_ == 4) in_quantum_ = 0;
    return true;
  }

  bool Pad() {
    if (in_quantum_ < 2) return false;
    ++padding_;
    if (in_quantum_ + padding_ == 4) {
      in_quantum_ = 0;
      padding_ = 0;
    }
    return true;
  }

  void Flush(const Out& out) {
    if (!piece_.empty() && !out(AsBytes(piece_))) done_ = true;
    piece_.clear();
  }

  std::string piece_;
  std::uint32_t bits_ = 0;
  unsigned in_quantum_ = 0;  // characters of four
  unsigned padding_ = 0;
  bool done_ = false;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder> MakeBase64Decoder() { return std::make_unique<Base64Decoder>(); }

}  // namespace gotls
