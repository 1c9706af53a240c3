#include "decode/body/pretty.h"

#include <algorithm>
#include <cstdint>

namespace gotls {
namespace {

constexpr std::size_t kMaxDepth = 200;
constexpr std::size_t kMaxGrowth = 16;
constexpr std::size_t kFreeGrowth = 256 << 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// One pass over the text, with the open brackets as the only memory. Each step takes one token and
// says whether it may stand there.
class Indenter {
 public:
  Indenter(std::string_view text, std::size_t indent)
      : text_(text), indent_(indent), max_size_(kFreeGrowth + kMaxGrowth * text.size()) {}

  std::optional<std::string> Run() {
    do {
      SkipSpace();
      if (!Step() || out_.size() > max_size_) return std::nullopt;
    } while (!(expect_ == Expect::kNext && open_.empty()));
    SkipSpace();
    if (at_ != text_.size()) return std::nullopt;
    return std::move(out_);
  }

 private:
  enum class Expect : std::uint8_t {
    kValue,
    kValueOrEnd,  // just behind '['
    kKey,
    kKeyOrEnd,  // just behind '{'
    kNext,      // ',' or the closing bracket
  };

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }

  bool Step() {
    switch (expect_) {
      case Expect::kKeyOrEnd:
        if (Peek() == '}') return Close(true);
        NewLine();
        return Key();
      case Expect::kKey:
        return Key();
      case Expect::kValueOrEnd:
        if (Peek() == ']') return Close(true);
        NewLine();
        return Value();
      case Expect::kValue:
        return Value();
      case Expect::kNext:
        break;
    }
    if (Peek() != ',') return Close(false);
    ++at_;
    out_ += ',';
    NewLine();
    expect_ = open_.back() == '{' ? Expect::kKey : Expect::kValue;
    return true;
  }

  bool Key() {
    if (!String()) return false;
    SkipSpace();
    if (Peek() != ':') return false;
    ++at_;
    out_ += ": ";
    expect_ = Expect::kValue;
    return true;
  }

  bool Value() {
    const char first = Peek();
    if (first == '{' || first == '[') return Open(first);
    expect_ = Expect::kNext;
    if (first == '"') return String();
    if (first == '-' || IsDigit(first)) return Number();
    return Word("true") || Word("false") || Word("null");
  }

  bool Open(char bracket) {
    if (open_.size() == kMaxDepth) return false;
    open_ += bracket;
    out_ += bracket;
    ++at_;
    expect_ = bracket == '{' ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
    return true;
  }

  bool Close(bool empty) {
    const char bracket = open_.back() == '{' ? '}' : ']';
    if (Peek() != bracket) return false;
    ++at_;
    open_.pop_back();
    if (!empty) NewLine();
    out_ += bracket;
    expect_ = Expect::kNext;
    return true;
  }

  void NewLine() {
    out_ += '\n';
    out_.append(open_.size() * indent_, ' ');
  }

  bool String() {
    if (Peek() != '"') return false;
    std::size_t end = at_ + 1;
    for (; end < text_.size() && text_[end] != '"'; ++end) {
      if (static_cast<unsigned char>(text_[end]) < 0x20) return false;
      if (text_[end] != '\\') continue;
      if (++end == text_.size()) return false;
      if (!std::string_view("\"\\/bfnrtu").contains(text_[end])) return false;
      if (text_[end] != 'u') continue;
      for (int i = 0; i < 4; ++i) {
        if (++end == text_.size() || !IsHex(text_[end])) return false;
      }
    }
    if (end >= text_.size()) return false;
    return Take(end + 1);
  }

  bool Number() {
    std::size_t end = at_;
    const auto digits = [this, &end] {
      const std::size_t from = end;
      while (end < text_.size() && IsDigit(text_[end])) ++end;
      return end > from;
    };
    if (text_[end] == '-') ++end;
    const bool zero = end < text_.size() && text_[end] == '0';
    if (zero) {
      ++end;
    } else if (!digits()) {
      return false;
    }
    if (end < text_.size() && text_[end] == '.') {
      ++end;
      if (!digits()) return false;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      ++end;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (!digits()) return false;
    }
    return Take(end);
  }

  bool Word(std::string_view word) {
    return text_.substr(at_).starts_with(word) && Take(at_ + word.size());
  }

  bool Take(std::size_t end) {
    out_ += text_.substr(at_, end - at_);
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::size_t indent_;
  std::size_t max_size_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::kValue;
  std::string open_;  // the open brackets
  std::string out_;
};

}  // namespace

std::optional<std::string> PrettyJson(std::string_view content, std::size_t indent) {
  return Indenter(content, std::min<std::size_t>(indent, 16)).Run();
}

}  // namespace gotls
