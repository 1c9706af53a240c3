#include "decode/body/coding_chain.h"

#include <algorithm>
#include <vector>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxCodings = 4;

struct Stage {
  std::string name;
  std::unique_ptr<ContentDecoder> decoder;
};

class CodingChain final : public ContentDecoder {
 public:
  CodingChain(std::vector<Stage> stages, std::uint64_t max_between)
      : stages_(std::move(stages)), left_(stages_.size(), max_between) {}

  std::expected<void, std::string> Push(Bytes bytes, const Out& out) override {
    if (stopped_) return {};
    Feed(0, bytes, out);
    if (error_.empty()) return {};
    return std::unexpected(std::move(error_));
  }

  bool AtEnd() const override {
    return std::ranges::all_of(stages_, [](const Stage& stage) { return stage.decoder->AtEnd(); });
  }

 private:
  // False: no more.
  bool Feed(std::size_t index, Bytes bytes, const Out& out) {
    if (index == stages_.size()) {
      if (!out(bytes)) stopped_ = true;
      return !stopped_;
    }
    Stage& stage = stages_[index];
    const bool too_much = index > 0 && bytes.size() > left_[index];
    if (too_much) bytes = bytes.first(left_[index]);
    if (index > 0) left_[index] -= bytes.size();
    const auto pushed = stage.decoder->Push(
        bytes, [this, index, &out](Bytes decoded) { return Feed(index + 1, decoded, out); });
    if (!stopped_ && !pushed) Fail(stage.name + ": " + pushed.error());
    if (!stopped_ && too_much) Fail(stages_[index - 1].name + ": unfolds to too much");
    return !stopped_;
  }

  void Fail(std::string error) {
    error_ = std::move(error);
    stopped_ = true;
  }

  std::vector<Stage> stages_;  // in the order of undoing
  std::vector<std::uint64_t> left_;
  std::string error_;
  bool stopped_ = false;
};

}  // namespace

std::expected<std::unique_ptr<ContentDecoder>, std::string> MakeCodingChain(
    std::string_view content_encoding, std::uint64_t max_between) {
  std::vector<Stage> stages;
  while (!content_encoding.empty()) {
    const auto comma = content_encoding.find(',');
    const std::string_view coding = TrimBlanks(content_encoding.substr(0, comma));
    content_encoding.remove_prefix(comma == std::string_view::npos ? content_encoding.size()
                                                                   : comma + 1);
    if (coding.empty() || EqualsIgnoreCase(coding, "identity")) continue;
    auto decoder = MakeContentDecoder(coding);
    if (!decoder) return std::unexpected("unknown coding");
    if (stages.size() == kMaxCodings) return std::unexpected("too many codings");
    stages.push_back({ToLowerAscii(coding), std::move(decoder)});
  }
  if (stages.empty()) return nullptr;
  std::ranges::reverse(stages);
  return std::make_unique<CodingChain>(std::move(stages), max_between);
}

}  // namespace gotls
