// The fields of one header block, taken apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "decode/http2/header_table.h"
#include "gotls/exchange.h"

namespace gotls {

// Made to be used again and again: storage is kept.
class HeaderList final : public FieldVisitor {
 public:
  void Clear();
  void OnField(const FieldView& field) override;
  void Finish() { fields.resize(count_); }

  std::string method;
  std::string scheme;
  std::string authority;
  std::string path;
  std::string protocol;
  int status = 0;                   // 0: not known
  std::vector<HeaderField> fields;  // right after Finish()
  std::size_t pseudo = 0;           // known ones
  std::size_t unknown = 0;          // fields of which something is not known
  bool starts_unknown = false;      // the first field is one of these
  bool cut = false;                 // more fields than are kept

  bool empty() const { return seen_ == 0; }

 private:
  void OnPseudo(std::string_view name, std::string_view value);

  std::size_t seen_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace gotls
