#include "decode/message/decoding_parser.h"

#include <utility>

namespace gotls {
namespace {

// A stream of messages has no end that bounds it. It is given up when it has unfolded both to much
// and far more than its bytes let one expect.
constexpr std::uint64_t kFreeDecoded = 64 << 20;
constexpr std::uint64_t kMaxRatio = 100;

class DecodingParser final : public MessageParser {
 public:
  DecodingParser(std::string name, std::unique_ptr<ContentDecoder> decoder, MessageKind kind,
                 MessageOutput output, std::unique_ptr<MessageParser> inner)
      : name_(std::move(name)),
        decoder_(std::move(decoder)),
        kind_(kind),
        output_(std::move(output)),
        inner_(std::move(inner)),
        lost_(output_) {}

  void Push(Bytes bytes, const ByteOrigin& origin) override {
    if (lost_.begun()) {
      lost_.Push({}, origin.time);  // not counted: where decoding stopped is not exact
      return;
    }
    coded_ += bytes.size();
    bool bomb = false;
    const auto pushed = decoder_->Push(bytes, [&](Bytes decoded) {
      decoded_ += decoded.size();
      bomb = decoded_ > kFreeDecoded && decoded_ / kMaxRatio > coded_;
      if (!bomb) inner_->Push(decoded, origin);
      return !bomb;
    });
    if (!pushed) Lose(pushed.error(), origin);
    if (bomb) {
      ++output_.counters().decode_limits;
      Lose("unfolds to too much", origin);
    }
  }

  void Gap(std::uint64_t length, const ByteOrigin& origin) override {
    if (length == 0) return;
    if (!lost_.begun()) Lose("bytes are missing", origin);
    lost_.Gap(length, origin.time);
  }

  void End() override {
    if (!lost_.begun()) inner_->End();
    lost_.End();
  }

 private:
  void Lose(std::string_view error, const ByteOrigin& origin) {
    inner_->End();
    decoder_.reset();
    lost_.Begin(kind_, name_.empty() ? std::string(error) : name_ + ": " + std::string(error),
                origin);
  }

  const std::string name_;
  std::unique_ptr<ContentDecoder> decoder_;
  const MessageKind kind_;
  MessageOutput output_;
  std::unique_ptr<MessageParser> inner_;
  LostRun lost_;
  std::uint64_t coded_ = 0;
  std::uint64_t decoded_ = 0;
};

}  // namespace

std::unique_ptr<MessageParser> MakeDecodingParser(std::string name,
                                                  std::unique_ptr<ContentDecoder> decoder,
                                                  MessageKind kind, MessageOutput output,
                                                  std::unique_ptr<MessageParser> inner) {
  return std::make_unique<DecodingParser>(std::move(name), std::move(decoder), kind,
                                          std::move(output), std::move(inner));
}

}  // namespace gotls
