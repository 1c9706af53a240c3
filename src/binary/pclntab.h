// Go's table of functions (pclntab), which every Go program carries, stripped or not: the runtime
// needs it for stack traces. Four layouts from Go 1.2 on, told apart by a magic number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/units.h"
#include "binary/image.h"
#include "gotls/error.h"

namespace gotls {

class Pclntab {
 public:
  // Entries are relative to runtime.text from Go 1.18 on, before that they are addresses.
  struct Entry {
    std::string_view name;
    std::uint64_t start = 0;
    std::uint64_t end = 0;  // the next function's start
  };

  // By its section, or by its magic number in any loaded data.
  static Result<Pclntab> Find(const Image& image, const std::string& name);

  [[nodiscard]] VirtualAddress address() const { return address_; }
  [[nodiscard]] std::uint32_t magic() const { return magic_; }
  [[nodiscard]] std::uint32_t function_count() const { return count_; }
  // ".gopclntab, magic 0xfffffff1".
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] bool entries_are_relative() const { return layout_ == Layout::kGo118; }
  // The header's copy of runtime.text: Go 1.18 to 1.25. 0: none.
  [[nodiscard]] VirtualAddress header_text_start() const { return header_text_start_; }

  // As in Entry, of the first function, and the end of the last one.
  [[nodiscard]] std::uint64_t first_start() const { return StartAt(0); }
  [[nodiscard]] std::uint64_t last_end() const { return StartAt(count_); }

  // Of the table of names, or (up to Go 1.15, which has none) of the table of functions: moduledata
  // points to it.
  [[nodiscard]] VirtualAddress second_table() const { return address_ + second_table_; }
  [[nodiscard]] bool has_name_table() const { return layout_ != Layout::kGo12; }

  // Calls `found` for each function whose full name begins with `prefix`, in one pass. A broken
  // entry is skipped.
  void ForEach(std::string_view prefix, const std::function<void(const Entry&)>& found) const;

 private:
  enum class Layout { kGo12, kGo116, kGo118 };

  static std::optional<Pclntab> Parse(Bytes table, VirtualAddress address, std::string_view where);
  [[nodiscard]] std::uint64_t StartAt(std::uint64_t index) const;
  [[nodiscard]] std::optional<std::uint64_t> FunctionRecord(std::uint64_t index) const;
  [[nodiscard]] bool IsConsistent() const;

  Bytes table_;  // to the end of the section or segment
  VirtualAddress address_;
  std::string description_;
  Layout layout_ = Layout::kGo12;
  std::uint32_t magic_ = 0;
  std::uint32_t count_ = 0;
  VirtualAddress header_text_start_;
  std::uint64_t second_table_ = 0;
  std::uint64_t names_ = 0;  // function records hold names relative to this
  std::uint64_t functions_ =
      0;  // the table of (start, record), which the record offsets are relative to
  std::uint64_t records_ = 0;
};

}  // namespace gotls
