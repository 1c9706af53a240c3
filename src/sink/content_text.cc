#include "sink/content_text.h"

#include <optional>

#include "decode/body/charset.h"
#include "decode/body/pretty.h"
#include "decode/body/reading.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMaxCharsetName = 40;  // the peer chose it

bool MayBeJson(std::string_view content, std::string_view type) {
  if (IsJson(type)) return true;
  return type.empty() && (content.starts_with('{') || content.starts_with('['));
}

}  // namespace

void AppendContentLines(std::string& out, std::string_view gutter, std::string_view note_gutter,
                        std::string_view content, const MediaType& media, bool pretty) {
  if (content.empty()) return;
  const Reading reading = ReadingOf(media, content);
  const bool unknown = reading.kind == Reading::Kind::kNotConverted;
  std::string converted;
  std::string_view text = content;
  if (reading.kind == Reading::Kind::kConverted) {
    text = converted = ToUtf8(content, reading.charset);
  }
  if (pretty && MayBeJson(text, media.type)) {
    if (auto laid_out = PrettyJson(text, kIndent)) text = converted = std::move(*laid_out);
  }
  const bool shown = AppendSafeLines(out, gutter, text);
  if (shown && !unknown) return;
  out += note_gutter;
  if (!shown) {
    AppendShortSize(out, content.size());
    out += ", ";
    AppendSafe(out, DescribeBinary(content, media.type));
  }
  if (unknown) {
    out += shown ? "charset " : ", charset ";
    AppendSafe(out, media.charset.substr(0, kMaxCharsetName));
    out += " not decoded";
  }
  out += '\n';
}

}  // namespace gotls
