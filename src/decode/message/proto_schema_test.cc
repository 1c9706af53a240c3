#include "decode/message/proto_schema.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "decode/message/rpc_fields.h"

namespace gotls {
namespace {

namespace pb = google::protobuf;
using namespace std::string_literals;

// shop.Cart.Add(Item) returns (money.Price), in two files.
pb::FileDescriptorSet ShopSet() {
  pb::FileDescriptorSet set;
  pb::FileDescriptorProto& shop = *set.add_file();  // before what it imports
  shop.set_name("shop.proto");
  shop.set_package("shop");
  shop.add_dependency("money.proto");
  pb::DescriptorProto& item = *shop.add_message_type();
  item.set_name("Item");
  const auto add = [](pb::DescriptorProto& message, const char* name, int number, auto type) {
    pb::FieldDescriptorProto& field = *message.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_type(type);
    field.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    return &field;
  };
  add(item, "name", 1, pb::FieldDescriptorProto::TYPE_STRING);
  add(item, "price", 2, pb::FieldDescriptorProto::TYPE_MESSAGE)->set_type_name(".money.Price");
  add(item, "parent", 3, pb::FieldDescriptorProto::TYPE_MESSAGE)->set_type_name(".shop.Item");
  pb::ServiceDescriptorProto& service = *shop.add_service();
  service.set_name("Cart");
  pb::MethodDescriptorProto& method = *service.add_method();
  method.set_name("Add");
  method.set_input_type(".shop.Item");
  method.set_output_type(".money.Price");
  pb::FileDescriptorProto& money = *set.add_file();
  money.set_name("money.proto");
  money.set_package("money");
  pb::DescriptorProto& price = *money.add_message_type();
  price.set_name("Price");
  add(price, "cents", 1, pb::FieldDescriptorProto::TYPE_SINT64);
  return set;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    path_ = std::filesystem::temp_directory_path() / "gotls-schema-XXXXXX";
    close(mkstemp(path_.data()));
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

auto Load(const std::string& content) {
  const TemporaryFile file(content);
  return LoadProtoSchema(file.path());
}

TEST(ProtoSchema, FindsTypesAndRendersByName) {
  const auto schema = Load(ShopSet().SerializeAsString());
  ASSERT_TRUE(schema) << schema.error().Message();
  EXPECT_EQ((*schema)->TypeOf("shop.Cart", "Add", true), "shop.Item");
  EXPECT_EQ((*schema)->TypeOf("shop.Cart", "Add", false), "money.Price");
  EXPECT_EQ((*schema)->TypeOf("shop.Cart", "Remove", true), std::nullopt);
  EXPECT_EQ((*schema)->TypeOf("", "", true), std::nullopt);
  EXPECT_EQ((*schema)->Render("shop.Item",
                              "\x0a\x05\x47r\xc3\xbc"
                              "n\x12\x02\x08\x0d\x28\x07"s),
            "name: \"Gr\xc3\xbcn\"\nprice {\n  cents: -7\n}\n5: 7\n");
  EXPECT_EQ((*schema)->Render("shop.Item", ""), "");
  EXPECT_EQ((*schema)->Render("shop.Item", "\x0a\x05g"), std::nullopt);
  EXPECT_EQ((*schema)->Render("shop.Nothing", ""), std::nullopt);
}

TEST(ProtoSchema, HostileMessagesAreBounded) {
  const auto schema = Load(ShopSet().SerializeAsString());
  ASSERT_TRUE(schema);
  std::string deep;
  for (int i = 0; i < 60; ++i)
    deep = "\x1a" + std::string(1, static_cast<char>(deep.size())) + deep;
  std::string wide;
  for (int i = 0; i < 100'000; ++i) {
    wide += "\x1a" + std::string(1, static_cast<char>(deep.size())) + deep;
  }
  EXPECT_TRUE((*schema)->Render("shop.Item", deep));
  EXPECT_EQ((*schema)->Render("shop.Item", wide.substr(0, 124 * 20'000)).value_or("").size() >> 23U,
            0);
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string junk(random() % 30, '\0');
    for (char& c : junk) c = static_cast<char>(random());
    (void)(*schema)->Render("shop.Item", junk);
  }
}

TEST(ProtoSchema, BadSetsAreTheUsersToMend) {
  pb::FileDescriptorSet missing = ShopSet();
  missing.mutable_file()->RemoveLast();
  pb::FileDescriptorSet bad = ShopSet();
  bad.mutable_file(0)->mutable_message_type(0)->mutable_field(1)->set_type_name(".no.Such");
  pb::FileDescriptorSet circle = ShopSet();
  circle.mutable_file(1)->add_dependency("shop.proto");
  const std::pair<std::string, std::string> cases[] = {
      {"", "not a descriptor set"},
      {"syntax = \"proto3\";", "not a descriptor set"},
      {missing.SerializeAsString(), "imports are missing"},
      {circle.SerializeAsString(), "imports are missing"},
      {bad.SerializeAsString(), "bad descriptor: shop.proto: shop.Item.price"},
  };
  for (const auto& [content, what] : cases) {
    const auto schema = Load(content);
    ASSERT_FALSE(schema) << what;
    EXPECT_EQ(schema.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(schema.error().what, testing::HasSubstr(what));
    EXPECT_THAT(schema.error().hint, testing::HasSubstr("--descriptor_set_out"));
  }
  EXPECT_EQ(LoadProtoSchema("/no/such/file").error().kind, ErrorKind::kUsage);
  EXPECT_EQ(LoadProtoSchema("/").error().kind, ErrorKind::kUsage);
}

TEST(ProtoSchema, BrokenSetsNeverCrash) {
  const std::string good = ShopSet().SerializeAsString();
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    std::string broken = good;
    for (int n = 0; n < 3; ++n) broken[random() % broken.size()] = static_cast<char>(random());
    const auto schema = Load(broken);
    if (schema) (void)(*schema)->Render("shop.Item", "\x0a\x01g\x12\x02\x08\x0d"s);
  }
}

TEST(FillRpcFields, ByNamesElseByNumbers) {
  const auto schema = Load(ShopSet().SerializeAsString());
  ASSERT_TRUE(schema);
  DecodeOptions options;
  options.protobuf_fields = true;
  options.proto_schema = schema->get();
  Exchange exchange;
  exchange.rpc = Rpc{"shop.Cart", "Add", {}, {}, {}};
  Message message;
  message.from_client = true;
  message.complete = true;
  message.content = "\x0a\x01g";
  FillRpcFields(message, exchange, options);
  EXPECT_EQ(message.name, "shop.Item");
  EXPECT_EQ(message.fields, "name: \"g\"\n");
  message.content = "\x0a\x09g";  // not an Item
  FillRpcFields(message, exchange, options);
  EXPECT_THAT(message.fields, testing::StartsWith("# not protobuf"));
  exchange.rpc->method = "Other";
  Message other;
  other.complete = true;
  other.content = "\x0a\x01g";
  FillRpcFields(other, exchange, options);
  EXPECT_EQ(other.name, "");
  EXPECT_EQ(other.fields, "1: \"g\"\n");
}

}  // namespace
}  // namespace gotls
