// Fields of JSON objects, appended to a string: each with its key. What is empty or 0 in a field
// that can be unknown is null.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "gotls/records.h"
#include "sink/json_text.h"

namespace gotls::json {

// `key` is given with all that stands before the value: ",\"name\":".
inline void Number(std::string& out, std::string_view key, std::uint64_t number) {
  AppendNumber(out, key, number);
}

inline void NumberOrNull(std::string& out, std::string_view key, std::uint64_t number) {
  if (number != 0) return Number(out, key, number);
  out += key;
  out += "null";
}

inline void Text(std::string& out, std::string_view key, std::string_view text) {
  out += key;
  if (text.empty()) {
    out += "null";
  } else {
    AppendJsonString(out, text);
  }
}

inline void Bool(std::string& out, std::string_view key, bool value) {
  out += key;
  out += value ? "true" : "false";
}

// ,"container":{...} or null
inline void ContainerFields(std::string& out, const Container& container) {
  out += ",\"container\":";
  if (container.id.empty()) {
    out += "null";
    return;
  }
  Text(out, "{\"id\":", container.id);
  Text(out, ",\"runtime\":", container.runtime);
  Text(out, ",\"name\":", container.name);
  Text(out, ",\"pod\":", container.pod);
  Text(out, ",\"namespace\":", container.pod_namespace);
  Text(out, ",\"pod_uid\":", container.pod_uid);
  out += '}';
}

// ,"text":"..." or, when it is not UTF-8, ,"base64":"..."
inline void Payload(std::string& out, std::string_view payload) {
  const std::size_t before = out.size();
  out += ",\"text\":";
  if (AppendJsonStringIfUtf8(out, payload)) return;
  out.resize(before);
  out += ",\"base64\":\"";
  AppendBase64(out, AsBytes(payload));
  out += '"';
}

}  // namespace gotls::json
