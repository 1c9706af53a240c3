// The fields of "exchange" and "message" objects. docs/json.md describes them.
#pragma once

#include <string>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "sink/time_text.h"

namespace gotls {

// Both append fields behind those that every object has (type, time, connection, pid).
void AppendExchangeFields(std::string& out, Rfc3339Writer& clock, const Connection& connection,
                          const Exchange& exchange);
void AppendMessageFields(std::string& out, Rfc3339Writer& clock, const Exchange& exchange,
                         const Message& message);

// "http", "grpc", "websocket", ...: also used by other formats.
std::string_view ApplicationName(Application application);
std::string_view ExchangeStateName(ExchangeState state);
std::string_view MessageKindName(MessageKind kind);
std::string_view RoleName(Role role);  // "" for one that is not known

}  // namespace gotls
