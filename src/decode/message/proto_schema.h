// Names of protobuf messages and fields, from a descriptor set.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gotls/error.h"

namespace gotls {

class ProtoSchema {
 public:
  virtual ~ProtoSchema() = default;
  // Full name of the message that the method takes (or gives back); none: not in the set.
  [[nodiscard]] virtual std::optional<std::string> TypeOf(std::string_view service,
                                                          std::string_view method,
                                                          bool request) const = 0;
  // `content` as text with names, as protoc --decode prints it, but with UTF-8 left as it is; none:
  // not such a message, or of more than a few megabytes as text.
  [[nodiscard]] virtual std::optional<std::string> Render(const std::string& type,
                                                          std::string_view content) const = 0;
};

// A file made by `protoc --descriptor_set_out=FILE --include_imports`. Failures are the user's to
// mend (kUsage).
Result<std::unique_ptr<ProtoSchema>> LoadProtoSchema(const std::string& path);

}  // namespace gotls
