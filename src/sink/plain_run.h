// Finding, many bytes at a time, how far text needs no attention.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gotls {

namespace plain_run_internal {

#ifdef __SSE2__

inline constexpr std::size_t kWide = 16;

// Bit i for byte i of these sixteen: it is no printable ASCII, or a stop byte.
template <char kStop1, char kStop2>
unsigned FindWideOther(__m128i bytes) {
  // As signed numbers, what is not ASCII is negative.
  __m128i other = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  other = _mm_or_si128(other, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
  other = _mm_or_si128(other, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kStop1)));
  other = _mm_or_si128(other, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kStop2)));
  return static_cast<unsigned>(_mm_movemask_epi8(other));
}

#endif

// For the eight bytes of `word`: the high bit of the first one that is no printable ASCII or one of
// the stop bytes is set, no bit below it is. Bits above it mean nothing, since a borrow may have
// set them.
template <char kStop1, char kStop2>
constexpr std::uint64_t FindOther(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto zeros = [](std::uint64_t value) { return (value - kOnes) & ~value & kHighs; };
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHighs;
  return (word & kHighs) | below_space | zeros(word ^ (kOnes * 0x7f)) |
         zeros(word ^ (kOnes * static_cast<unsigned char>(kStop1))) |
         zeros(word ^ (kOnes * static_cast<unsigned char>(kStop2)));
}

template <char kStop1, char kStop2>
constexpr bool IsOther(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x7f || c == kStop1 || c == kStop2;
}

}  // namespace plain_run_internal

// The number of bytes at the start of `text` that are printable ASCII (0x20-0x7e) and neither of
// the stop bytes. Give one outside that range for fewer.
template <char kStop1, char kStop2>
std::size_t PlainRun(std::string_view text) {
  using namespace plain_run_internal;
  std::size_t at = 0;
#ifdef __SSE2__
  for (; at + kWide <= text.size(); at += kWide) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const unsigned found = FindWideOther<kStop1, kStop2>(bytes);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t found = FindOther<kStop1, kStop2>(word);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (at < text.size() && !IsOther<kStop1, kStop2>(text[at])) ++at;
  return at;
}

// The same, and copies the run to `to`, which has room for all of `text`.
template <char kStop1, char kStop2>
std::size_t CopyPlainRun(char* to, std::string_view text) {
  using namespace plain_run_internal;
  std::size_t at = 0;
#ifdef __SSE2__
  for (; at + kWide <= text.size(); at += kWide) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), bytes);  // overwritten later, as below
    const unsigned found = FindWideOther<kStop1, kStop2>(bytes);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    std::memcpy(to + at, &word, 8);  // bytes behind the run are overwritten later
    const std::uint64_t found = FindOther<kStop1, kStop2>(word);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  for (; at < text.size() && !IsOther<kStop1, kStop2>(text[at]); ++at) to[at] = text[at];
  return at;
}

}  // namespace gotls
