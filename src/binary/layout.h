// Offsets of the fields that gotls reads in a running program.
#pragma once

#include <string_view>
#include <vector>

#include "binary/facts.h"
#include "binary/types.h"

namespace gotls {

// `all` is types.All(); the connection type is `tls_package` + ".Conn".
StructOffsets ReadStructOffsets(const Types& types, const std::vector<TypeDescriptor>& all,
                                std::string_view tls_package);

// The descriptor of kind `kind` with this name ("*tls.Conn"). For a pointer the path is that of the
// type it points to: another package may use the same short name.
const TypeDescriptor* FindType(const Types& types, const std::vector<TypeDescriptor>& all,
                               TypeKind kind, std::string_view name, std::string_view package_path);

// "tls" of "crypto/tls".
std::string_view ShortPackageName(std::string_view package_path);

}  // namespace gotls
