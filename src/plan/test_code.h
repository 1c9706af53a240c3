// Functions out of hex text, for tests: assembled by hand and listed with what each instruction is.
// The code starts at kTestAddress; calls lead to the addresses below.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "binary/facts.h"

namespace gotls {

inline constexpr std::uint64_t kTestAddress = 0x401000;
inline constexpr std::uint64_t kTestWriteRecord = 0x406000;

// Owns the bytes of its function.
class TestFunction {
 public:
  explicit TestFunction(std::string_view hex, std::string name = "crypto/tls.(*Conn).Read",
                        std::uint64_t address = kTestAddress) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes_.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    }
    Name(std::move(name), address);
  }
  explicit TestFunction(std::vector<std::byte> bytes, std::string name) : bytes_(std::move(bytes)) {
    Name(std::move(name), kTestAddress);
  }
  TestFunction(const TestFunction&) = delete;
  TestFunction& operator=(const TestFunction&) = delete;

  [[nodiscard]] const Function& operator*() const { return function_; }
  [[nodiscard]] const Function* operator->() const { return &function_; }

 private:
  void Name(std::string name, std::uint64_t address) {
    function_ = {.name = std::move(name),
                 .address = {address},
                 .offset = {address - 0x400000},
                 .code = bytes_};
  }

  std::vector<std::byte> bytes_;
  Function function_;
};

}  // namespace gotls
