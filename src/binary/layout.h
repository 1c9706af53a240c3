// Offsets of the fields that gotls reads in a running program.
#pragma once

#include <string_view>
#include <vector>

#include "binary/facts.h"
#include "binary/types.h"

namespace gotls {

// `all` is types.All(); the connection type is the struct Conn of the package at `tls_package`.
StructOffsets ReadStructOffsets(const Types& types, const std::vector<TypeDescriptor>& all,
                                std::string_view tls_package);

// The same for a copy of quic-go: without the fields of a connection, with those of streams.
StructOffsets ReadQuicOffsets(const Types& types, const std::vector<TypeDescriptor>& all,
                              std::string_view quic_package);

// The struct "receiveStream" or "sendStream" of a copy of quic-go, exported or not.
const TypeDescriptor* FindQuicStream(const Types& types, const std::vector<TypeDescriptor>& all,
                                     std::string name, std::string_view package_path);

// The descriptor of kind `kind` with this name ("*tls.Conn"). For a pointer the path is that of the
// type it points to: another package may use the same short name.
const TypeDescriptor* FindType(const Types& types, const std::vector<TypeDescriptor>& all,
                               TypeKind kind, std::string_view name, std::string_view package_path);

// The struct `name` ("Conn") of the package with this path, whatever the package calls itself: the
// path of utls ends in "utls", its types are "tls.Conn".
const TypeDescriptor* FindStruct(const Types& types, const std::vector<TypeDescriptor>& all,
                                 std::string_view name, std::string_view package_path);

}  // namespace gotls
