#include "decode/message/protobuf_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

namespace gotls {
namespace {

enum WireType : std::uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// protoc's figures: how deep groups go at the outermost level, and how deep it tries bytes as
// messages.
constexpr int kMaxGroupDepth = 100;
constexpr int kMaxTrialDepth = 10;
constexpr std::size_t kShownRest = 32;

struct Field {
  std::uint32_t number = 0;
  std::uint32_t type = 0;
  std::uint64_t value = 0;  // kVarint, kFixed32, kFixed64
  std::string_view bytes;   // kBytes; kGroup: its fields
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool AtEnd() const { return text_.empty(); }
  [[nodiscard]] std::string_view rest() const { return text_; }

  // False: no field begins here. `groups`: how many may be nested.
  bool Next(Field& field, int groups) {
    std::uint64_t tag = 0;
    if (!Varint(tag)) return false;
    field.number = static_cast<std::uint32_t>(tag) >> 3U;
    field.type = static_cast<std::uint32_t>(tag) & 7U;
    if (field.number == 0) return false;
    switch (field.type) {
      case kVarint:
        return Varint(field.value);
      case kFixed64:
        return Fixed(8, field.value);
      case kFixed32:
        return Fixed(4, field.value);
      case kBytes:
        return LengthDelimited(field.bytes);
      case kGroup:
        return Group(field, groups);
      default:
        return false;  // kEndGroup: the caller looks for it first
    }
  }

  // Takes the end of group `number`, when it comes next.
  bool TakeEndGroup(std::uint32_t number) {
    Reader ahead = *this;
    std::uint64_t tag = 0;
    if (!ahead.Varint(tag)) return false;
    if (static_cast<std::uint32_t>(tag) != ((number << 3U) | kEndGroup)) return false;
    *this = ahead;
    return true;
  }

 private:
  bool Varint(std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < 10 && i < text_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text_[i]);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
      if (byte >= 0x80) continue;
      text_.remove_prefix(i + 1);
      return true;
    }
    return false;
  }

  bool Fixed(std::size_t size, std::uint64_t& value) {
    if (text_.size() < size) return false;
    value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(text_[i]);
    text_.remove_prefix(size);
    return true;
  }

  bool LengthDelimited(std::string_view& bytes) {
    std::uint64_t length = 0;
    if (!Varint(length)) return false;
    if (length > std::numeric_limits<std::int32_t>::max() || length > text_.size()) return false;
    bytes = text_.substr(0, length);
    text_.remove_prefix(length);
    return true;
  }

  bool Group(Field& group, int groups) {
    if (groups <= 0) return false;
    const std::string_view from = text_;
    for (;;) {
      const std::size_t size = from.size() - text_.size();
      if (TakeEndGroup(group.number)) {
        group.bytes = from.substr(0, size);
        return true;
      }
      Field inner;
      if (!Next(inner, groups - 1)) return false;
    }
  }

  std::string_view text_;
};

bool IsMessage(std::string_view bytes, int groups) {
  Reader reader(bytes);
  Field field;
  while (!reader.AtEnd()) {
    if (!reader.Next(field, groups)) return false;
  }
  return true;
}

class Printer {
 public:
  explicit Printer(std::size_t max_text) : max_text_(max_text) {}

  std::string Print(std::string_view content) {
    Reader reader(content);
    while (!reader.AtEnd() && !Full()) {
      const std::string_view rest = reader.rest();
      Field field;
      if (!reader.Next(field, kMaxGroupDepth)) {
        PrintRest(rest);
        break;
      }
      PrintField(field, kMaxTrialDepth);
    }
    if (Full()) {
      out_.resize(out_.rfind('\n', max_text_) + 1);  // npos + 1 is 0
      out_ += "# cut\n";
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool Full() const { return out_.size() > max_text_; }

  void PrintField(const Field& field, int trials) {
    out_.append(indent_, ' ');
    fmt::format_to(std::back_inserter(out_), "{}", field.number);
    switch (field.type) {
      case kVarint:
        fmt::format_to(std::back_inserter(out_), ": {}\n", field.value);
        break;
      case kFixed32:
        fmt::format_to(std::back_inserter(out_), ": {:#010x}\n", field.value);
        break;
      case kFixed64:
        fmt::format_to(std::back_inserter(out_), ": {:#018x}\n", field.value);
        break;
      case kGroup:
        PrintNested(field.bytes, trials);
        break;
      default:
        if (!field.bytes.empty() && trials > 0 && IsMessage(field.bytes, trials)) {
          PrintNested(field.bytes, trials);
        } else {
          PrintString(field.bytes);
        }
    }
  }

  void PrintNested(std::string_view fields, int trials) {
    out_ += " {\n";
    indent_ += 2;
    Reader reader(fields);
    Field field;
    while (!Full() && !reader.AtEnd() && reader.Next(field, kMaxGroupDepth)) {
      PrintField(field, trials - 1);
    }
    indent_ -= 2;
    out_.append(indent_, ' ');
    out_ += "}\n";
  }

  void PrintString(std::string_view bytes) {
    out_ += ": \"";
    for (const char c : bytes) {
      if (Full()) break;
      PrintCharacter(c);
    }
    out_ += "\"\n";
  }

  void PrintCharacter(char c) {
    switch (c) {
      case '\n':
        out_ += "\\n";
        return;
      case '\r':
        out_ += "\\r";
        return;
      case '\t':
        out_ += "\\t";
        return;
      case '"':
      case '\'':
      case '\\':
        out_ += '\\';
        out_ += c;
        return;
      default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      out_ += c;
    } else {
      fmt::format_to(std::back_inserter(out_), "\\{:03o}", byte);
    }
  }

  void PrintRest(std::string_view rest) {
    fmt::format_to(std::back_inserter(out_), "# not protobuf: {} bytes:", rest.size());
    for (const char c : rest.substr(0, kShownRest)) {
      fmt::format_to(std::back_inserter(out_), " {:02x}", static_cast<unsigned char>(c));
    }
    out_ += rest.size() > kShownRest ? " ...\n" : "\n";
  }

  std::size_t max_text_;
  std::size_t indent_ = 0;
  std::string out_;
};

}  // namespace

std::string ProtobufText(std::string_view content, std::size_t max_text) {
  return Printer(max_text).Print(content);
}

}  // namespace gotls
