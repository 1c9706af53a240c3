// The small texts of RPC protocols: paths, deadlines, statuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gotls/exchange.h"

namespace gotls {

struct RpcPath {
  std::string service;
  std::string method;
};

// "/shop.Cart/Add", also below a prefix ("/api/shop.Cart/Add"); none when there are no two parts.
std::optional<RpcPath> ParseRpcPath(std::string_view path);

// "100m" of grpc-timeout, in ns; none when it isn't one. Saturates.
std::optional<std::uint64_t> ParseGrpcTimeout(std::string_view text);
// "100" of connect-timeout-ms.
std::optional<std::uint64_t> ParseConnectTimeout(std::string_view text);

// grpc-status: a decimal number.
std::optional<std::uint32_t> ParseGrpcStatus(std::string_view text);

// Undoes %XX; what isn't one stays.
std::string PercentDecode(std::string_view text);

// Connect names its codes ("not_found"); the numbers are gRPC's. An unknown name is kUnknown.
std::uint32_t ConnectCode(std::string_view name);
// What a unary Connect call's HTTP status means when its body doesn't say.
std::uint32_t ConnectCodeOfHttp(int status);

// The JSON of a Connect error, or that of the end of a stream ("error" and "metadata" inside).
struct ConnectEnd {
  std::uint32_t status = 0;
  std::string message;
  std::vector<HeaderField> metadata;
};
std::optional<ConnectEnd> ParseConnectError(std::string_view json);
std::optional<ConnectEnd> ParseConnectEndOfStream(std::string_view json);

}  // namespace gotls
