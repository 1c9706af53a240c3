#include "binary/layout.h"

#include <algorithm>

namespace gotls {
namespace {

using Offset = StructOffsets::Offset;

// A struct and its fields, or nothing at all.
class Struct {
 public:
  Struct(const Types& types, const TypeDescriptor* type) : types_(types) {
    if (type != nullptr) fields_ = types.Fields(*type);
  }
  Struct(const Types& types, VirtualAddress address) : types_(types) {
    if (const auto type = types.At(address)) fields_ = types.Fields(*type);
  }

  [[nodiscard]] Offset Find(std::string_view name) const {
    const auto field = std::ranges::find(fields_, name, &TypeField::name);
    // The kernel half reads at most this far from a pointer; no struct of Go's library is a tenth
    // as large.
    if (field == fields_.end() || field->offset >= 1 << 20) return std::nullopt;
    return static_cast<std::uint32_t>(field->offset);
  }

  // Of field `inner` in the struct that field `name` holds by value.
  [[nodiscard]] Offset FindNested(std::string_view name, std::string_view inner) const {
    const auto field = std::ranges::find(fields_, name, &TypeField::name);
    const Offset outer = Find(name);
    if (!outer) return std::nullopt;
    const Offset offset = Struct(types_, field->type).Find(inner);
    return offset ? Offset(*outer + *offset) : std::nullopt;
  }

 private:
  const Types& types_;
  std::vector<TypeField> fields_;
};

}  // namespace

const TypeDescriptor* FindStruct(const Types& types, const std::vector<TypeDescriptor>& all,
                                 std::string_view name, std::string_view package_path) {
  for (const TypeDescriptor& type : all) {
    if (type.kind != TypeKind::kStruct) continue;
    const std::string_view full = types.Name(type);
    const std::size_t dot = full.find('.');
    if (dot == std::string_view::npos || full.substr(dot + 1) != name) continue;
    if (types.PackagePath(type) == package_path) return &type;
  }
  return nullptr;
}

const TypeDescriptor* FindType(const Types& types, const std::vector<TypeDescriptor>& all,
                               TypeKind kind, std::string_view name,
                               std::string_view package_path) {
  for (const TypeDescriptor& type : all) {
    if (type.kind != kind || types.Name(type) != name) continue;
    if (kind == TypeKind::kPointer) {
      const auto element = types.At(types.Element(type));
      if (element && types.PackagePath(*element) == package_path) return &type;
    } else if (types.PackagePath(type) == package_path) {
      return &type;
    }
  }
  return nullptr;
}

namespace {

void ReadGoroutine(const Types& types, const std::vector<TypeDescriptor>& all,
                   StructOffsets& offsets) {
  const Struct g(types, FindType(types, all, TypeKind::kStruct, "runtime.g", "runtime"));
  offsets.g_goid = g.Find("goid");
  offsets.g_stack_hi = g.FindNested("stack", "hi");
}

}  // namespace

const TypeDescriptor* FindQuicStream(const Types& types, const std::vector<TypeDescriptor>& all,
                                     std::string name, std::string_view package_path) {
  if (const TypeDescriptor* found = FindStruct(types, all, name, package_path)) return found;
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return FindStruct(types, all, name, package_path);
}

StructOffsets ReadQuicOffsets(const Types& types, const std::vector<TypeDescriptor>& all,
                              std::string_view quic_package) {
  StructOffsets offsets;
  ReadGoroutine(types, all, offsets);
  const Struct receive(types, FindQuicStream(types, all, "receiveStream", quic_package));
  const Struct send(types, FindQuicStream(types, all, "sendStream", quic_package));
  offsets.receive_stream_id = receive.Find("streamID");
  offsets.send_stream_id = send.Find("streamID");
  // Later versions tell a stream's end from its being canceled.
  offsets.receive_ended = receive.Find("errorRead");
  if (!offsets.receive_ended) offsets.receive_ended = receive.Find("finRead");
  return offsets;
}

StructOffsets ReadStructOffsets(const Types& types, const std::vector<TypeDescriptor>& all,
                                std::string_view tls_package) {
  const auto find = [&](std::string_view name, std::string_view path) {
    return Struct(types, FindType(types, all, TypeKind::kStruct, name, path));
  };
  StructOffsets offsets;
  ReadGoroutine(types, all, offsets);

  const Struct conn(types, FindStruct(types, all, "Conn", tls_package));
  offsets.conn_conn = conn.Find("conn");
  offsets.conn_is_client = conn.Find("isClient");
  offsets.conn_handshakes = conn.Find("handshakes");
  offsets.conn_version = conn.Find("vers");
  offsets.conn_cipher_suite = conn.Find("cipherSuite");
  offsets.conn_server_name = conn.Find("serverName");
  offsets.conn_alpn = conn.Find("clientProtocol");
  offsets.conn_did_resume = conn.Find("didResume");
  offsets.conn_input = conn.Find("input");
  offsets.conn_in = conn.Find("in");
  offsets.conn_out = conn.Find("out");

  const Struct fd = find("net.netFD", "net");
  offsets.fd_sysfd = fd.FindNested("pfd", "Sysfd");
  offsets.fd_laddr = fd.Find("laddr");
  offsets.fd_raddr = fd.Find("raddr");
  const Struct tcp = find("net.TCPAddr", "net");
  offsets.tcp_addr_ip = tcp.Find("IP");
  offsets.tcp_addr_port = tcp.Find("Port");
  offsets.unix_addr_name = find("net.UnixAddr", "net").Find("Name");
  return offsets;
}

}  // namespace gotls
