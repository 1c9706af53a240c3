#include "decode/message/proto_schema.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace gotls {
namespace {

namespace pb = google::protobuf;

constexpr std::int64_t kMaxText = 4 << 20;
constexpr std::int64_t kMaxFile = 64 << 20;  // also of a message
constexpr std::string_view kHint =
    "make it by: protoc --include_imports --descriptor_set_out=FILE.pb FILE.proto";

std::unexpected<Error> Bad(std::string what, const std::string& path) {
  return Fail(ErrorKind::kUsage, std::move(what), path, std::string(kHint));
}

// Text of a hostile message must not grow without bound.
class BoundedOutput final : public pb::io::ZeroCopyOutputStream {
 public:
  explicit BoundedOutput(std::string* text) : stream_(text) {}

  bool Next(void** data, int* size) override {
    return stream_.ByteCount() <= kMaxText && stream_.Next(data, size);
  }
  void BackUp(int count) override { stream_.BackUp(count); }
  int64_t ByteCount() const override { return stream_.ByteCount(); }

 private:
  pb::io::StringOutputStream stream_;
};

// The first thing that libprotobuf finds wrong with a file.
class FirstError final : public pb::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& filename, const std::string& element, const pb::Message*,
                ErrorLocation, const std::string& message) override {
    if (text_.empty()) text_ = filename + ": " + element + ": " + message;
  }
  void AddWarning(const std::string&, const std::string&, const pb::Message*, ErrorLocation,
                  const std::string&) override {}

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class PooledSchema final : public ProtoSchema {
 public:
  pb::DescriptorPool& pool() { return pool_; }

  std::optional<std::string> TypeOf(std::string_view service, std::string_view method,
                                    bool request) const override {
    const auto* found = pool_.FindMethodByName(std::string(service) + "." + std::string(method));
    if (found == nullptr) return std::nullopt;
    return request ? found->input_type()->full_name() : found->output_type()->full_name();
  }

  std::optional<std::string> Render(const std::string& type,
                                    std::string_view content) const override {
    if (content.size() > kMaxFile) return std::nullopt;
    const pb::Descriptor* descriptor = pool_.FindMessageTypeByName(type);
    if (descriptor == nullptr) return std::nullopt;
    const pb::LogSilencer silent;  // it would tell the standard error about bad UTF-8
    const std::unique_ptr<pb::Message> message(factory_.GetPrototype(descriptor)->New());
    if (!message->ParsePartialFromArray(content.data(), static_cast<int>(content.size()))) {
      return std::nullopt;
    }
    // Any is not expanded: they nest without bound.
    pb::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    bool printed = false;
    {
      BoundedOutput output(&text);
      printed = printer.Print(*message, &output);
    }  // gives back what it took too much of `text`
    if (!printed) return std::nullopt;
    return text;
  }

 private:
  pb::DescriptorPool pool_;
  mutable pb::DynamicMessageFactory factory_{&pool_};  // caches prototypes
};

Result<pb::FileDescriptorSet> ReadSet(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Bad("can't be read", path);
  file.seekg(0, std::ios::end);
  const std::int64_t size = file.tellg();
  if (size < 0 || size > kMaxFile) return Bad("not a descriptor set: too large, or no file", path);
  file.seekg(0);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!file.read(bytes.data(), size)) return Bad("can't be read", path);
  const pb::LogSilencer silent;
  pb::FileDescriptorSet set;
  if (!set.ParsePartialFromString(bytes) || set.file_size() == 0) {
    return Bad("not a descriptor set", path);
  }
  return set;
}

// Files may come in any order: each is built when those that it imports are there.
Result<void> BuildAll(const pb::FileDescriptorSet& set, pb::DescriptorPool& pool,
                      const std::string& path) {
  std::map<std::string, std::vector<int>> importers;
  std::vector<std::size_t> waits(static_cast<std::size_t>(set.file_size()));
  std::vector<int> ready;
  for (int i = 0; i < set.file_size(); ++i) {
    const auto& imports = set.file(i).dependency();
    const std::set<std::string> names(imports.begin(), imports.end());
    for (const std::string& name : names) importers[name].push_back(i);
    waits[static_cast<std::size_t>(i)] = names.size();
    if (names.empty()) ready.push_back(i);
  }
  int built = 0;
  while (!ready.empty()) {
    const pb::FileDescriptorProto& file = set.file(ready.back());
    ready.pop_back();
    FirstError error;
    if (pool.BuildFileCollectingErrors(file, &error) == nullptr) {
      return Bad("bad descriptor: " + error.text(), path);
    }
    ++built;
    for (const int importer : std::exchange(importers[file.name()], {})) {
      if (--waits[static_cast<std::size_t>(importer)] == 0) ready.push_back(importer);
    }
  }
  if (built < set.file_size()) return Bad("imports are missing from it", path);
  return {};
}

}  // namespace

Result<std::unique_ptr<ProtoSchema>> LoadProtoSchema(const std::string& path) {
  const auto set = ReadSet(path);
  if (!set) return std::unexpected(set.error());
  auto schema = std::make_unique<PooledSchema>();
  if (const auto built = BuildAll(*set, schema->pool(), path); !built) {
    return std::unexpected(built.error());
  }
  return schema;
}

}  // namespace gotls
