#include "decode/http2/header_list.h"

#include <algorithm>

namespace gotls {
namespace {

constexpr std::size_t kMaxFields = 1000;
// A small block can unfold to a thousand times its size.
constexpr std::size_t kMaxFieldBytes = 256 << 10;

int ParseStatus(std::string_view text) {
  if (text.size() != 3) return 0;
  int status = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status >= 100 ? status : 0;
}

}  // namespace

void HeaderList::Clear() {
  for (std::string* text : {&method, &scheme, &authority, &path, &protocol}) text->clear();
  status = 0;
  pseudo = unknown = seen_ = count_ = bytes_ = 0;
  starts_unknown = cut = false;
}

void HeaderList::OnField(const FieldView& field) {
  const bool known = field.name_known && field.value_known;
  if (seen_++ == 0) starts_unknown = !known;
  if (!known) ++unknown;
  bytes_ += field.name.size() + field.value.size();
  if (seen_ > kMaxFields || bytes_ > kMaxFieldBytes) {
    cut = true;
    return;
  }
  if (field.name.starts_with(':')) return OnPseudo(field.name, field.value);
  if (count_ == fields.size()) fields.emplace_back();
  HeaderField& out = fields[count_++];
  out.name = field.name;
  out.value = field.value;
  out.name_known = field.name_known;
  out.value_known = field.value_known;
  out.redacted = false;
}

void HeaderList::OnPseudo(std::string_view name, std::string_view value) {
  ++pseudo;
  if (name == ":method") {
    method = value;
  } else if (name == ":scheme") {
    scheme = value;
  } else if (name == ":authority") {
    authority = value;
  } else if (name == ":path") {
    path = value;
  } else if (name == ":protocol") {
    protocol = value;
  } else if (name == ":status") {
    status = ParseStatus(value);
  }
}

}  // namespace gotls
