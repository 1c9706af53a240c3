// A file that is no program of Go's linker: facts or an error that says what is wrong. Half of the
// inputs are patches of a small image of a Go program, so that they come past the first checks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "binary/go_binary.h"
#include "binary/test_go_image.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

// The image that the first byte chooses, made once.
const std::string& ImageOf(std::uint8_t choice, std::uint8_t minor) {
  static std::map<unsigned, std::string> images;
  const gotls::GoImageOptions options{.minor = 15 + minor % 13,
                                      .sections = (choice & 1) == 0,
                                      .build_info = (choice & 2) == 0,
                                      .position_independent = (choice & 4) != 0,
                                      .crypto_tls = true};
  std::string& image = images[(choice & 7U) * 13 + minor % 13];
  if (image.empty()) image = gotls::GoImage(options).Build();
  return image;
}

// Patches: an offset of two bytes, a length of one, the bytes.
std::string Patched(std::string file, const std::uint8_t* data, std::size_t size) {
  while (size > 3) {
    const std::size_t offset = (data[0] | data[1] << 8) % file.size();
    const std::size_t length = std::min<std::size_t>(data[2], size - 3);
    for (std::size_t i = 0; i < length && offset + i < file.size(); ++i) {
      file[offset + i] = static_cast<char>(data[3 + i]);
    }
    data += 3 + length;
    size -= 3 + length;
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string file = (data[0] & 8) != 0
                               ? std::string(reinterpret_cast<const char*>(data) + 1, size - 1)
                               : Patched(ImageOf(data[0], data[1]), data + 2, size - 2);
  const gotls::MemoryFile opened(file);
  const auto binary = gotls::GoBinary::Open(opened.fd(), "x");
  if (!binary) {
    Check(binary.error().kind == gotls::ErrorKind::kTarget && !binary.error().what.empty());
    return 0;
  }
  const gotls::GoFacts& facts = (*binary)->facts();
  Check(!facts.packages.empty());
  for (const gotls::TlsPackage& package : facts.packages) {
    for (const gotls::Function& function : package.functions) {
      Check(function.name.starts_with(package.path + "."));
      Check(function.code.size() <= file.size());
    }
  }
  for (const gotls::TypeStep& step : facts.type_steps) {
    static_cast<void>((*binary)->TypeName(step.type));
    static_cast<void>((*binary)->ItabTypeName(step.type));
  }
  return 0;
}
