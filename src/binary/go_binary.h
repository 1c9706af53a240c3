// Reads a Go program or library file and says what the later stages need of it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/units.h"
#include "binary/facts.h"
#include "gotls/error.h"

namespace gotls {

// An opened binary: owns the bytes that its facts' spans point into. Never trusts the file: any
// content gives facts or an error of kind kTarget that says what is wrong and where ("not an ELF
// file", "not a Go program", "no crypto/tls in this Go program", "unsupported architecture:
// riscv64", "corrupt pclntab at offset 0x1234").
class GoBinary {
 public:
  // Reads the open file `fd` (borrowed, position untouched); `name` is for messages. The loadable
  // segments are copied into memory, so a file that changes or shrinks meanwhile does no harm.
  // `packages`: import paths that count as copies of crypto/tls, whatever their types look like.
  static Result<std::unique_ptr<GoBinary>> Open(int fd, const std::string& name,
                                                std::span<const std::string> packages = {});
  static Result<std::unique_ptr<GoBinary>> OpenPath(const std::string& path,
                                                    std::span<const std::string> packages = {});

  virtual ~GoBinary() = default;

  // Valid as long as this object. At least one package with (*Conn).Read or (*Conn).Write.
  [[nodiscard]] virtual const GoFacts& facts() const = 0;

  // Name of the type at a link-time address, "*net.TCPConn"; nullopt when there is no type.
  [[nodiscard]] virtual std::optional<std::string> TypeName(VirtualAddress type) const = 0;

  // Name of the concrete type of the itab at a link-time address.
  [[nodiscard]] virtual std::optional<std::string> ItabTypeName(VirtualAddress itab) const = 0;
};

}  // namespace gotls
