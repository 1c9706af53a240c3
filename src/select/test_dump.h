// All texts of an exchange or a message that come from the network, for tests that look for one.
#pragma once

#include <string>

#include "gotls/exchange.h"

namespace gotls::testing {

inline void DumpFields(std::string& out, const std::vector<HeaderField>& fields) {
  for (const HeaderField& field : fields) out += field.name + ": " + field.value + "\n";
}

inline void DumpHttp(std::string& out, const HttpMessage& message) {
  DumpFields(out, message.headers);
  DumpFields(out, message.trailers);
  out += message.body.content + "\n" + message.body.problem + "\n" + message.body.content_encoding +
         "\n";
}

inline std::string Dump(const Exchange& exchange) {
  std::string out;
  for (const std::string* text :
       {&exchange.detail, &exchange.method, &exchange.scheme, &exchange.host, &exchange.path,
        &exchange.upgrade, &exchange.reason}) {
    out += *text + "\n";
  }
  DumpHttp(out, exchange.request);
  DumpHttp(out, exchange.response);
  if (exchange.rpc) {
    out += exchange.rpc->service + "\n" + exchange.rpc->method + "\n" +
           exchange.rpc->status_message + "\n";
  }
  return out;
}

inline std::string Dump(const Message& message) {
  return message.content + "\n" + message.problem + "\n" + message.name + "\n" + message.event_id +
         "\n" + message.fields;
}

}  // namespace gotls::testing
