#include "sink/content_text.h"

#include <optional>

#include "decode/body/charset.h"
#include "decode/body/media_type.h"
#include "decode/body/pretty.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

constexpr std::size_t kIndent = 2;

bool MayBeJson(std::string_view content, std::string_view type) {
  if (IsJson(type)) return true;
  return type.empty() && (content.starts_with('{') || content.starts_with('['));
}

}  // namespace

void AppendContentLines(std::string& out, std::string_view gutter, std::string_view note_gutter,
                        std::string_view content, std::string_view content_type, bool pretty) {
  if (content.empty()) return;
  const MediaType media = ParseMediaType(content_type);
  std::string converted;
  std::string_view text = content;
  if (!media.charset.empty() && media.charset != "utf-8") {
    text = converted = ToUtf8(content, media.charset);
  }
  if (pretty && MayBeJson(text, media.type)) {
    if (auto laid_out = PrettyJson(text, kIndent)) text = converted = std::move(*laid_out);
  }
  if (AppendSafeLines(out, gutter, text)) return;
  out += note_gutter;
  AppendShortSize(out, content.size());
  out += ", ";
  AppendSafe(out, DescribeBinary(content, media.type));
  out += '\n';
}

}  // namespace gotls
