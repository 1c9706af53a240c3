// The fields of filter expressions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gotls {

enum class FilterField : std::uint8_t {
  kHost,
  kPath,
  kMethod,
  kStatus,
  kProtocol,
  kState,
  kGrpcStatus,
  kLatency,
  kFirstByte,
  kSize,
  kRequestSize,
  kResponseSize,
  kRequestHeader,
  kResponseHeader,
  kPid,
  kComm,
  kExe,
  kContainer,
  kContainerId,
  kPod,
  kNamespace,
  kSide,
  kSni,
  kAlpn,
  kPort,
  kLocalPort,
  kRemotePort,
};

constexpr bool IsOfExchange(FilterField field) { return field < FilterField::kPid; }
constexpr bool IsOfProcess(FilterField field) {
  return field >= FilterField::kPid && field <= FilterField::kNamespace;
}

// What a field's values look like, and so which operators it has.
enum class FieldKind : std::uint8_t {
  kText,        // case matters
  kName,        // text whose case does not matter
  kNumber,      // 4711
  kStatus,      // 404, 4xx
  kGrpcStatus,  // 5, NOT_FOUND
  kSize,        // 10k
  kTime,        // 10ms
  kChoice,      // one of a list of words
};

struct FieldInfo {
  std::string_view name;
  FilterField field;
  FieldKind kind;
  std::string_view meaning;
};

// In the order of the documentation.
std::span<const FieldInfo> FilterFields();

// Null: there is no such field. `name` in any case.
const FieldInfo* FindFilterField(std::string_view name);

// The words that a choice allows; bit i of a choice stands for word i. At most 32.
std::span<const std::string_view> FieldChoices(FilterField field);

constexpr bool IsText(FieldKind kind) {
  return kind == FieldKind::kText || kind == FieldKind::kName;
}

// "== != ~ !~ in", for error texts.
std::string_view FieldOperators(FieldKind kind);

// Names of the gRPC status codes, from 0.
std::span<const std::string_view> GrpcStatusNames();

// Words of the choice kProtocol; an exchange can be several of them.
enum class ProtocolWord : std::uint8_t {
  kHttp1,
  kHttp2,
  kGrpc,
  kGrpcWeb,
  kConnect,
  kWebSocket,
  kSse,
  kTunnel,
};

}  // namespace gotls
