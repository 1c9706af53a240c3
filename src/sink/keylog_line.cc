#include "sink/keylog_line.h"

#include <algorithm>

#include "base/bytes.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxLabel = 64;
constexpr std::size_t kClientRandom = 32;
constexpr std::size_t kMaxSecret = 64;  // of SHA-512

bool IsLabel(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= kMaxLabel && std::ranges::all_of(text, fits);
}

void AppendHex(std::string& out, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
}

}  // namespace

bool AppendKeyLogLine(std::string& out, const TlsSecret& secret) {
  if (!IsLabel(secret.label) || secret.client_random.size() != kClientRandom) return false;
  if (secret.secret.empty() || secret.secret.size() > kMaxSecret) return false;
  out += secret.label;
  out += ' ';
  AppendHex(out, secret.client_random);
  out += ' ';
  AppendHex(out, secret.secret);
  out += '\n';
  return true;
}

}  // namespace gotls
