#include "sink/message_line.h"

#include <algorithm>

#include "base/bytes.h"
#include "decode/body/pretty.h"
#include "sink/content_text.h"
#include "sink/display_text.h"
#include "sink/hexdump.h"
#include "sink/json_text.h"
#include "sink/paint.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

constexpr std::size_t kPreviewColumns = 120;  // where nothing else limits it
constexpr std::size_t kPreviewBytes = 1024;   // that are looked at: wide enough for any screen
constexpr std::size_t kMinPreviewColumns = 8;
constexpr std::size_t kNumberColumns = 3;
constexpr std::size_t kKindColumns = 6;
constexpr std::size_t kSizeColumns = 5;
constexpr std::size_t kBinaryBytesShown = 64;  // as a hexdump
constexpr std::size_t kFewBytes = 32;          // of binary are shown escaped

std::string_view KindName(MessageKind kind) {
  switch (kind) {
    case MessageKind::kText:
      return "text";
    case MessageKind::kBinary:
      return "binary";
    case MessageKind::kPing:
      return "ping";
    case MessageKind::kPong:
      return "pong";
    case MessageKind::kClose:
      return "close";
    case MessageKind::kRpc:
      return "msg";
    case MessageKind::kEvent:
      return "event";
  }
  return "?";
}

void Pad(std::string& out, std::size_t columns, std::size_t width) {
  if (columns < width) out.append(width - columns, ' ');
}

bool IsReadable(std::string_view text) {
  std::string lines;
  return AppendSafeLines(lines, " ", text);
}

// A beginning that doesn't end inside a character.
std::string_view Beginning(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

// Lines and their indentation become single spaces.
void AppendFlat(std::string& out, std::string_view text) {
  std::string flat;
  flat.reserve(text.size());
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      flat += c;
    } else if (!flat.empty() && flat.back() != ' ') {
      flat += ' ';
    }
  }
  if (flat.ends_with(' ')) flat.pop_back();
  AppendSafe(out, flat);
}

}  // namespace

void MessageLine::Append(std::string& out, const Exchange& exchange, const Message& message) {
  std::size_t used = line_.AppendBegin(out, message.first, exchange.id, true);
  const bool sent = message.direction == Direction::kWrite;
  out += "  ";
  Paint(out, style_.text.color, sent ? paint::kSent : paint::kReceived, sent ? "->" : "<-");
  out += ' ';
  kind_.clear();
  AppendNumber(kind_, message.number);
  out += kind_;
  Pad(out, kind_.size(), kNumberColumns);
  out += ' ';
  used += 2 + 3 + std::max(kind_.size(), kNumberColumns) + 1;
  kind_.clear();
  AppendShortSize(kind_, message.decoded_bytes);
  Pad(out, kind_.size(), kSizeColumns);
  out += kind_;
  out += ' ';
  used += kSizeColumns + 1;
  AppendKind(out, message);
  used += std::max(DisplayWidth(kind_), kKindColumns);
  trouble_.clear();
  AppendTrouble(message);
  preview_.clear();
  if (style_.detail < 2) AppendPreview(message);
  const std::size_t room = style_.width > used + 1 ? style_.width - used - 1 : 0;
  std::size_t columns = style_.width == 0 ? kPreviewColumns : std::max(room, kMinPreviewColumns);
  if (!trouble_.empty()) {
    out += ' ';
    trouble_.insert(0, 1, '[');
    trouble_ += ']';
    kind_.clear();
    const std::size_t limit = style_.width == 0 ? trouble_.size() : columns;
    columns -= std::min(columns, AppendCutEnd(kind_, trouble_, limit) + 1);
    Paint(out, style_.text.color, paint::kWarning, kind_);
  }
  if (!preview_.empty() && columns >= kMinPreviewColumns) {
    out += ' ';
    AppendCutEnd(out, preview_, columns);
  }
  while (out.back() == ' ') out.pop_back();
  out += '\n';
  if (style_.detail >= 2) AppendContent(out, exchange, message);
}

// kind_ is what was appended, without the padding.
void MessageLine::AppendKind(std::string& out, const Message& message) {
  kind_ = KindName(message.kind);
  if (message.close_code) {
    kind_ += ' ';
    AppendNumber(kind_, *message.close_code);
  }
  if (!message.name.empty()) {
    kind_ += ' ';
    AppendSafe(kind_, Beginning(message.name, 64));
  }
  if (!message.event_id.empty()) {
    kind_ += " id ";
    AppendSafe(kind_, Beginning(message.event_id, 64));
  }
  const bool control = message.kind == MessageKind::kPing || message.kind == MessageKind::kPong ||
                       message.kind == MessageKind::kClose;
  Paint(out, style_.text.color, control ? paint::kDim : "", kind_);
  Pad(out, DisplayWidth(kind_), kKindColumns);
}

void MessageLine::AppendPreview(const Message& message) {
  if (!message.fields.empty())
    return AppendFlat(preview_, Beginning(message.fields, kPreviewBytes));
  const std::string_view begin = Beginning(message.content, kPreviewBytes);
  if (IsReadable(begin)) {
    AppendFlat(preview_, begin);
  } else if (message.content.size() <= kFewBytes) {
    AppendSafe(preview_, begin);
  } else {
    AppendSafe(preview_, DescribeBinary(message.content, {}));
  }
}

void MessageLine::AppendTrouble(const Message& message) {
  if (message.missing != 0) {
    AppendNumber(trouble_, message.missing);
    trouble_ += message.missing == 1 ? " byte missing" : " bytes missing";
  } else if (!message.complete) {
    trouble_ = "cut off";
  }
  if (message.problem.empty()) return;
  if (!trouble_.empty()) trouble_ += "; ";
  AppendSafe(trouble_, message.problem);
}

void MessageLine::AppendContent(std::string& out, const Exchange& exchange,
                                const Message& message) const {
  const std::string gutter = detail_.Gutter(exchange.id, message.direction);
  const std::string note = detail_.NoteGutter(exchange.id);
  const bool text = message.kind == MessageKind::kText || message.kind == MessageKind::kEvent;
  const bool hexdump = message.fields.empty() && !text && !IsReadable(message.content);
  if (!message.fields.empty()) {
    AppendContentLines(out, gutter, note, message.fields, {"text/plain", {}, {}}, false);
  } else if (!hexdump) {
    AppendContentLines(out, gutter, note, message.content, {}, style_.pretty);
  } else {
    AppendHexdump(
        out, gutter, 0,
        AsBytes(message.content).first(std::min(message.content.size(), kBinaryBytesShown)));
  }
  std::uint64_t shown = message.content.size();
  if (hexdump) shown = std::min<std::uint64_t>(shown, kBinaryBytesShown);
  if (message.decoded_bytes <= shown) return;
  out += note;
  AppendNumber(out, message.decoded_bytes - shown);
  out += " more bytes\n";
}

}  // namespace gotls
