#include "select/spans.h"

#include <algorithm>

namespace gotls {
namespace {

// A quote with `depth` levels of escaping: 2^depth - 1 backslashes before it.
void AppendQuote(std::string& out, int depth) {
  if (depth < 0) return;
  out.append((std::size_t{1} << depth) - 1, '\\');
  out += '"';
}

// In order, none overlapping or touching another.
std::vector<SecretSpan> Merge(std::vector<SecretSpan> spans) {
  std::ranges::sort(spans, [](const SecretSpan& a, const SecretSpan& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    return a.quotes > b.quotes;
  });
  std::vector<SecretSpan> merged;
  for (const SecretSpan& span : spans) {
    if (span.begin == span.end) continue;
    if (merged.empty() || span.begin > merged.back().end) {
      merged.push_back(span);
    } else if (span.end > merged.back().end) {
      merged.back().end = span.end;
      merged.back().quotes = -1;
    }
  }
  return merged;
}

// Drops spans inside a mark that is there already, widens those that cross one.
std::vector<SecretSpan> KeepMarks(std::string_view text, const std::vector<SecretSpan>& spans) {
  std::vector<SecretSpan> kept;
  std::size_t mark = text.find(kRedacted);
  for (SecretSpan span : spans) {
    while (mark != std::string_view::npos && mark + kRedacted.size() <= span.begin) {
      mark = text.find(kRedacted, mark + kRedacted.size());
    }
    bool inside = false;
    // The marks that begin before the span ends.
    for (std::size_t at = mark; at < span.end; at = text.find(kRedacted, at + kRedacted.size())) {
      inside = at <= span.begin && span.end <= at + kRedacted.size();
      if (inside) break;
      span.begin = std::min(span.begin, at);
      span.end = std::max(span.end, at + kRedacted.size());
    }
    if (!inside) kept.push_back(span);
  }
  return Merge(std::move(kept));
}

}  // namespace

std::uint64_t ReplaceSpans(std::string& text, std::vector<SecretSpan> spans) {
  if (spans.empty()) return 0;
  const auto merged = KeepMarks(text, Merge(std::move(spans)));
  if (merged.empty()) return 0;
  std::string out;
  std::size_t at = 0;
  for (const SecretSpan& span : merged) {
    out.append(text, at, span.begin - at);
    AppendQuote(out, span.quotes);
    out += kRedacted;
    AppendQuote(out, span.quotes);
    at = span.end;
  }
  out.append(text, at);
  text = std::move(out);
  return merged.size();
}

}  // namespace gotls
