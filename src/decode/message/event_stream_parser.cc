#include "decode/message/event_stream_parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace gotls {
namespace {

constexpr std::size_t kMaxFieldName = 16;  // longer than any that counts
constexpr std::size_t kMaxNameOrId = 256;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Position of the first CR or LF; size() when there is none. find_first_of is slow.
std::size_t LineEnd(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
  return at;
}

class EventStreamParser final : public MessageParser {
 public:
  explicit EventStreamParser(MessageOutput output) : output_(std::move(output)) {}

  void Push(Bytes bytes, const ByteOrigin& origin) override {
    std::string_view text = AsText(bytes);
    while (!text.empty()) {
      // CR LF is one line end, wherever it was split.
      if (std::exchange(after_cr_, false) && text.front() == '\n') {
        if (event_) ++event_->wire_bytes;
        text.remove_prefix(1);
        continue;
      }
      const std::size_t end = LineEnd(text);
      if (end > 0) LinePart(text.substr(0, end), origin);
      if (end == text.size()) return;
      after_cr_ = text[end] == '\r';
      EndLine(origin);
      text.remove_prefix(end + 1);
    }
  }

  void Gap(std::uint64_t length, const ByteOrigin& origin) override {
    if (length == 0) return;
    if (!event_) Begin(origin);
    event_->missing += length;
    event_->truncated = true;
    event_->last = origin.time;
    after_cr_ = false;
    line_ = Line::kSkipped;
  }

  void End() override {
    if (event_ && IsEvent()) Deliver(false);
  }

 private:
  enum class Line : std::uint8_t {
    kStart,
    kName,     // of the field
    kBlank,    // the one blank that may follow the colon
    kValue,    // goes to value_ or to the data
    kSkipped,  // what nobody wants to know
  };
  enum class Field : std::uint8_t { kNone, kData, kEvent, kId };

  void Begin(const ByteOrigin& origin) {
    event_ = output_.Begin(MessageKind::kEvent, origin);
    has_data_ = false;
    named_ = false;
  }

  [[nodiscard]] bool IsEvent() const { return has_data_ || named_ || event_->missing > 0; }

  void LinePart(std::string_view part, const ByteOrigin& origin) {
    if (!event_) Begin(origin);
    event_->wire_bytes += part.size();
    event_->last = origin.time;
    if (line_ == Line::kStart) line_ = event_->missing > 0 ? Line::kSkipped : Line::kName;
    if (line_ == Line::kName) part = TakeName(part);
    if (line_ == Line::kBlank && !part.empty()) {
      if (part.front() == ' ') part.remove_prefix(1);
      line_ = Line::kValue;
    }
    if (line_ == Line::kValue) Value(part);
  }

  // Returns what follows it.
  std::string_view TakeName(std::string_view part) {
    const auto colon = part.find(':');
    const std::size_t size = std::min(colon, part.size());
    name_ += part.substr(0, std::min(size, kMaxFieldName - name_.size()));
    if (colon == std::string_view::npos) return {};
    line_ = Line::kBlank;
    BeginField();
    return part.substr(colon + 1);
  }

  void BeginField() {
    std::string_view name = name_;
    if (first_line_ && name.starts_with(kByteOrderMark)) name.remove_prefix(kByteOrderMark.size());
    field_ = Field::kNone;
    if (name == "data") {
      field_ = Field::kData;
      if (std::exchange(has_data_, true)) AddData("\n");
    } else if (name == "event") {
      field_ = Field::kEvent;
      named_ = true;
      event_->name.clear();
    } else if (name == "id") {
      field_ = Field::kId;
      event_->event_id.clear();
    }
  }

  void Value(std::string_view part) {
    switch (field_) {
      case Field::kData:
        AddData(part);
        break;
      case Field::kEvent:
        AddBounded(event_->name, part);
        break;
      case Field::kId:
        AddBounded(event_->event_id, part);
        break;
      case Field::kNone:
        break;
    }
  }

  void AddData(std::string_view part) {
    const std::size_t room = output_.options().max_body - event_->content.size();
    event_->content += part.substr(0, std::min(room, part.size()));
    event_->decoded_bytes += part.size();
    if (part.size() > room) event_->truncated = true;
  }

  static void AddBounded(std::string& text, std::string_view part) {
    text += part.substr(0, std::min(kMaxNameOrId - text.size(), part.size()));
  }

  void EndLine(const ByteOrigin& origin) {
    const bool blank =
        line_ == Line::kStart || (line_ == Line::kName && first_line_ && name_ == kByteOrderMark);
    if (line_ == Line::kName && !blank) BeginField();  // no colon: a name without a value
    if (event_) {
      event_->wire_bytes += 1;
      event_->last = origin.time;
    }
    first_line_ = false;
    name_.clear();
    line_ = Line::kStart;
    if (!blank || !event_) return;
    if (IsEvent()) {
      if (event_->missing > 0) ++output_.counters().decode_resyncs;
      Deliver(event_->missing == 0);
    }
    event_.reset();
  }

  void Deliver(bool complete) {
    Message event = *std::exchange(event_, std::nullopt);
    event.complete = complete;
    output_.Deliver(event);
  }

  MessageOutput output_;
  std::optional<Message> event_;
  bool has_data_ = false;
  bool named_ = false;
  Line line_ = Line::kStart;
  Field field_ = Field::kNone;
  std::string name_;
  bool after_cr_ = false;
  bool first_line_ = true;
};

}  // namespace

std::unique_ptr<MessageParser> MakeEventStreamParser(MessageOutput output) {
  return std::make_unique<EventStreamParser>(std::move(output));
}

}  // namespace gotls
