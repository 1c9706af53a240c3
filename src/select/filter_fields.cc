#include "select/filter_fields.h"

#include <algorithm>
#include <array>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

using enum FilterField;

constexpr auto kFields = std::to_array<FieldInfo>({
    {"host", kHost, FieldKind::kName, "host of the request, without the port"},
    {"path", kPath, FieldKind::kText, "path with the query"},
    {"method", kMethod, FieldKind::kName, "GET, POST, ..."},
    {"status", kStatus, FieldKind::kStatus, "404, or a class: 4xx"},
    {"protocol", kProtocol, FieldKind::kChoice,
     "http1 http2 grpc grpc-web connect websocket sse tunnel; several can be true"},
    {"state", kState, FieldKind::kChoice, "how it ended: complete reset closed gap malformed"},
    {"grpc_status", kGrpcStatus, FieldKind::kGrpcStatus, "number or name: NOT_FOUND"},
    {"latency", kLatency, FieldKind::kTime,
     "first byte of the request to the last of the response"},
    {"first_byte", kFirstByte, FieldKind::kTime,
     "first byte of the request to the first of the response"},
    {"size", kSize, FieldKind::kSize, "both bodies, as transferred: 10k, 1MiB"},
    {"request_size", kRequestSize, FieldKind::kSize, "body of the request"},
    {"response_size", kResponseSize, FieldKind::kSize, "body of the response"},
    {"request.header", kRequestHeader, FieldKind::kText, "request.header[\"x-id\"]"},
    {"response.header", kResponseHeader, FieldKind::kText, "response.header[\"content-type\"]"},
    {"pid", kPid, FieldKind::kNumber, "process id"},
    {"comm", kComm, FieldKind::kText, "name of the process"},
    {"exe", kExe, FieldKind::kText, "path of its program"},
    {"container", kContainer, FieldKind::kText, "name of its container, or the id without one"},
    {"container_id", kContainerId, FieldKind::kText, "id of its container: 64 digits"},
    {"pod", kPod, FieldKind::kText, "its Kubernetes pod"},
    {"namespace", kNamespace, FieldKind::kText, "Kubernetes namespace of its pod"},
    {"side", kSide, FieldKind::kChoice, "the process is the client or the server"},
    {"sni", kSni, FieldKind::kName, "server name of the TLS handshake"},
    {"alpn", kAlpn, FieldKind::kName, "protocol agreed in the TLS handshake: h2, http/1.1"},
    {"port", kPort, FieldKind::kNumber, "port of the server"},
    {"local_port", kLocalPort, FieldKind::kNumber, "port of the process"},
    {"remote_port", kRemotePort, FieldKind::kNumber, "port of its peer"},
});

constexpr auto kProtocols = std::to_array<std::string_view>(
    {"http1", "http2", "grpc", "grpc-web", "connect", "websocket", "sse", "tunnel"});
constexpr auto kStates =
    std::to_array<std::string_view>({"complete", "reset", "closed", "gap", "malformed"});
constexpr auto kSides = std::to_array<std::string_view>({"client", "server"});

constexpr auto kGrpcStatuses = std::to_array<std::string_view>(
    {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
     "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
     "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"});

}  // namespace

std::span<const FieldInfo> FilterFields() { return kFields; }

const FieldInfo* FindFilterField(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kFields, [name](const FieldInfo& info) { return EqualsIgnoreCase(info.name, name); });
  return found == kFields.end() ? nullptr : found;
}

std::span<const std::string_view> FieldChoices(FilterField field) {
  if (field == kProtocol) return kProtocols;
  if (field == kState) return kStates;
  if (field == kSide) return kSides;
  return {};
}

std::string_view FieldOperators(FieldKind kind) {
  if (IsText(kind)) return "== != ~ !~ in";
  if (kind == FieldKind::kChoice) return "== != in";
  return "== != < <= > >= in";
}

std::span<const std::string_view> GrpcStatusNames() { return kGrpcStatuses; }

}  // namespace gotls
