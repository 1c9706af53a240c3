// A generated program in the form of each Go version: no toolchain needed, and small enough to
// break at every byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "binary/go_binary.h"
#include "binary/test_go_image.h"
#include "bpf/event.h"

namespace gotls {
namespace {

Result<std::unique_ptr<GoBinary>> OpenBytes(std::string_view bytes) {
  const MemoryFile file(bytes);
  return GoBinary::Open(file.fd(), "name");
}

struct Form {
  GoImageOptions options;
  std::string name;
};

std::vector<Form> AllForms() {
  std::vector<Form> forms;
  for (const int minor : {15, 16, 17, 18, 19, 20, 25, 26, 27}) {
    for (const bool pie : {false, true}) {
      for (const bool sections : {true, false}) {
        std::string name = "go1_" + std::to_string(minor);
        if (pie) name += "_pie";
        if (!sections) name += "_nosections";
        forms.push_back({{.minor = minor,
                          .sections = sections,
                          .build_info = sections,
                          .position_independent = pie},
                         name});
      }
    }
  }
  return forms;
}

class GoImageTest : public testing::TestWithParam<Form> {};

INSTANTIATE_TEST_SUITE_P(Forms, GoImageTest, testing::ValuesIn(AllForms()),
                         [](const auto& test) { return test.param.name; });

TEST_P(GoImageTest, Facts) {
  const GoImageOptions& options = GetParam().options;
  const auto binary = OpenBytes(GoImage(options).Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  const GoFacts& facts = (*binary)->facts();
  EXPECT_EQ(facts.arch, Arch::kAmd64);
  EXPECT_EQ(facts.go_version, "go1." + std::to_string(options.minor) + ".3");
  EXPECT_EQ(facts.go_minor, static_cast<unsigned>(options.minor));
  EXPECT_EQ(facts.version_source, options.build_info ? ".go.buildinfo" : "runtime.buildVersion");
  EXPECT_EQ(facts.main_package, options.build_info ? "example.com/cmd/thing" : "");
  EXPECT_EQ(facts.has_sections, options.sections);
  EXPECT_EQ(facts.position_independent, options.position_independent);
  EXPECT_EQ(facts.function_count, 4U);
  EXPECT_EQ(facts.text_start.value, GoImage::kText);
  EXPECT_TRUE(facts.pclntab.starts_with(options.sections ? ".gopclntab, magic 0xffffff"
                                                         : "found by its magic number, magic 0x"))
      << facts.pclntab;
  ASSERT_EQ(facts.packages.size(), 1U);
  const Function* read = facts.packages[0].Find("(*Conn).Read");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->address.value, GoImage::kRead);
  EXPECT_EQ(read->code.size(), 0x20U);
  EXPECT_EQ(read->code[0], std::byte{0x90});
  EXPECT_EQ(facts.packages[0].Find("(*Conn).Write")->address.value, GoImage::kWrite);
  EXPECT_EQ(facts.packages[0].Find("(*Conn).Close"), nullptr);
}

TEST_P(GoImageTest, Offsets) {
  const auto binary = OpenBytes(GoImage(GetParam().options).Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  const StructOffsets& offsets = (*binary)->facts().packages[0].offsets;
  EXPECT_EQ(offsets.g_goid, 152U);
  EXPECT_EQ(offsets.g_stack_hi, 8U);
  EXPECT_EQ(offsets.conn_conn, 0U);
  EXPECT_EQ(offsets.conn_is_client, 16U);
  EXPECT_EQ(offsets.conn_version, 72U);
  EXPECT_EQ(offsets.conn_input, 736U);
  EXPECT_EQ(offsets.conn_alpn, std::nullopt);
  EXPECT_EQ(offsets.fd_sysfd, 16U);
  EXPECT_EQ(offsets.fd_raddr, 112U);
  EXPECT_EQ(offsets.tcp_addr_port, std::nullopt);
}

TEST_P(GoImageTest, Steps) {
  const GoImage image(GetParam().options);
  const auto binary = OpenBytes(image.Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  const std::vector<TypeStep>& steps = (*binary)->facts().type_steps;
  const auto expect = [&](std::uint64_t type, std::uint32_t kind, std::uint32_t offset,
                          std::uint64_t next) {
    const auto step = std::ranges::find(steps, VirtualAddress{type}, &TypeStep::type);
    ASSERT_NE(step, steps.end());
    EXPECT_EQ(step->step, kind) << step->type_name;
    EXPECT_EQ(step->offset, offset) << step->type_name;
    EXPECT_EQ(step->next_type.value, next) << step->type_name;
  };
  expect(image.tcp_conn_pointer, GOTLS_STEP_NET_FD, 0, 0);
  expect(image.tls_conn_pointer, GOTLS_STEP_TLS_CONN, 0, 0);
  expect(image.wrapper_pointer, GOTLS_STEP_INTERFACE, 32, 0);  // embedded before plain
  expect(image.value_wrapper, GOTLS_STEP_DIRECT, 0, image.tcp_conn_pointer);
  // The fork's Conn is a wrapper like any other.
  EXPECT_EQ(std::ranges::count(steps, "*tls.Conn", &TypeStep::type_name), 2);
  for (const TypeStep& step : steps) EXPECT_EQ(step.type_name.find("loop"), std::string::npos);
}

TEST_P(GoImageTest, TypeNames) {
  const GoImage image(GetParam().options);
  const auto binary = OpenBytes(image.Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  EXPECT_EQ((*binary)->TypeName({image.tcp_conn_pointer}), "*net.TCPConn");
  EXPECT_EQ((*binary)->TypeName({image.value_wrapper}), "main.direct");
  EXPECT_EQ((*binary)->ItabTypeName({image.itab}), "*net.TCPConn");
  for (const std::uint64_t wrong : {0ULL, 1ULL, 0x500000ULL, 0x600008ULL, ~0ULL, ~7ULL}) {
    EXPECT_EQ((*binary)->TypeName({wrong}), std::nullopt) << wrong;
    EXPECT_EQ((*binary)->ItabTypeName({wrong}), std::nullopt) << wrong;
  }
}

TEST_P(GoImageTest, CutAnywhereNeverCrashes) {
  const std::string file = GoImage(GetParam().options).Build();
  for (std::size_t size = 0; size < file.size(); size += 3) {
    const auto binary = OpenBytes(std::string_view(file).substr(0, size));
    if (binary) {
      EXPECT_EQ((*binary)->facts().packages.size(), 1U);
    } else {
      EXPECT_FALSE(binary.error().what.empty());
      EXPECT_EQ(binary.error().kind, ErrorKind::kTarget);
    }
  }
}

// The four forms of a pclntab, and both forms of names and of field offsets.
std::vector<Form> HostileForms() {
  std::vector<Form> forms = AllForms();
  std::erase_if(forms, [](const Form& form) {
    const int minor = form.options.minor;
    return !form.options.sections || (minor != 15 && minor != 17 && minor != 18 && minor != 27);
  });
  return forms;
}

class HostileImageTest : public GoImageTest {};

INSTANTIATE_TEST_SUITE_P(Forms, HostileImageTest, testing::ValuesIn(HostileForms()),
                         [](const auto& test) { return test.param.name; });

TEST_P(HostileImageTest, AnyByteAnyWordChangedNeverCrashes) {
  const std::string good = GoImage(GetParam().options).Build();
  const MemoryFile file(good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    const std::string_view original = std::string_view(good).substr(at, at % 8 == 0 ? 8 : 1);
    if (original.find_first_not_of('\x90') == std::string_view::npos) continue;
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      file.Write(at, std::string(original.size(), value));
      const auto binary = GoBinary::Open(file.fd(), "name");
      if (!binary) {
        EXPECT_FALSE(binary.error().what.empty());
      }
    }
    file.Write(at, original);
  }
  EXPECT_TRUE(GoBinary::Open(file.fd(), "name").has_value());
}

TEST(GoImageQuic, StreamsByNameAndFields) {
  for (const bool exported : {false, true}) {
    for (const int minor : {18, 19, 27}) {
      const auto binary =
          OpenBytes(GoImage({.minor = minor, .quic = true, .exported = exported}).Build());
      ASSERT_TRUE(binary.has_value()) << binary.error().Message();
      const auto& packages = (*binary)->facts().packages;
      ASSERT_EQ(packages.size(), 2U);
      EXPECT_EQ(packages[0].kind, PackageKind::kTls);
      EXPECT_EQ(packages[1].kind, PackageKind::kQuic);
      EXPECT_EQ(packages[1].path, "example.org/quic-go");
      EXPECT_EQ(packages[1].functions.size(), 4U);
      EXPECT_NE(packages[1].Find(exported ? "(*ReceiveStream).Read" : "(*receiveStream).Read"),
                nullptr);
      EXPECT_EQ(packages[1].offsets.receive_stream_id, 8U);
      EXPECT_EQ(packages[1].offsets.send_stream_id, 72U);
      EXPECT_EQ(packages[1].offsets.receive_ended, 96U);
      EXPECT_EQ(packages[1].offsets.g_goid, 152U);
      EXPECT_EQ(packages[1].offsets.conn_conn, std::nullopt);
    }
  }
}

// The linker leaves the methods of tls.Conn out where only QUIC is spoken.
TEST(GoImageQuic, WithoutCryptoTls) {
  const auto binary = OpenBytes(GoImage({.crypto_tls = false, .quic = true}).Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  ASSERT_EQ((*binary)->facts().packages.size(), 1U);
  EXPECT_EQ((*binary)->facts().packages[0].kind, PackageKind::kQuic);
}

TEST(GoImageErrors, NoTls) {
  const auto binary = OpenBytes(GoImage({.crypto_tls = false}).Build());
  ASSERT_FALSE(binary.has_value());
  EXPECT_EQ(binary.error().what, "no crypto/tls in this Go program");
}

TEST(GoImageErrors, SectionThatPointsElsewhereIsNotTrusted) {
  std::string file = GoImage({}).Build();
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  auto* sections = reinterpret_cast<Elf64_Shdr*>(file.data() + header->e_shoff);
  sections[2].sh_addr += 16;
  const auto binary = OpenBytes(file);
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  EXPECT_EQ((*binary)->facts().pclntab, "found by its magic number, magic 0xfffffff1");
}

TEST(GoImageErrors, BrokenPclntabSaysWhere) {
  std::string file = GoImage({}).Build();
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data() + header->e_shoff);
  const std::uint64_t at = sections[2].sh_offset;
  const std::uint64_t count = ~0ULL;
  std::memcpy(file.data() + at + 8, &count, sizeof(count));
  char expected[64];
  std::snprintf(expected, sizeof(expected), "corrupt pclntab at offset 0x%lx", at);
  EXPECT_EQ(OpenBytes(file).error().what, expected);
}

TEST(GoImageErrors, FutureMagicIsReadAsTheNewestForm) {
  std::string file = GoImage({}).Build();
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data() + header->e_shoff);
  file[sections[2].sh_offset] = '\xf2';
  const auto binary = OpenBytes(file);
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  EXPECT_EQ((*binary)->facts().pclntab, ".gopclntab, magic 0xfffffff2");
}

TEST(GoImageFile, ChangesOfTheFileDoNotMatterOnceItIsOpen) {
  const GoImage image({});
  const MemoryFile file(image.Build());
  const auto binary = GoBinary::Open(file.fd(), "name");
  ASSERT_TRUE(binary.has_value());
  file.Truncate(0);
  EXPECT_EQ((*binary)->facts().packages[0].Find("(*Conn).Read")->code[0], std::byte{0x90});
  EXPECT_EQ((*binary)->TypeName({image.tcp_conn_pointer}), "*net.TCPConn");
}

TEST(GoImageForksTest, AreFoundByFunctionsAndTypes) {
  const auto binary = OpenBytes(GoImage({.forks = true}).Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  const std::vector<TlsPackage>& packages = (*binary)->facts().packages;
  ASSERT_EQ(packages.size(), 2U);
  EXPECT_EQ(packages[0].path, "crypto/tls");
  EXPECT_EQ(packages[0].offsets.conn_input, 736U);
  EXPECT_TRUE(packages[0].wrappers.empty());
  const TlsPackage& fork = packages[1];
  EXPECT_EQ(fork.path, "example.org/v1/utls");
  EXPECT_EQ(fork.offsets.conn_conn, 8U);
  EXPECT_EQ(fork.offsets.conn_input, 40U);
  EXPECT_NE(fork.Find("(*Conn).writeRecordLocked"), nullptr);
  ASSERT_EQ(fork.wrappers.size(), 1U);
  EXPECT_EQ(fork.wrappers[0].name, "UConn");
  EXPECT_EQ(fork.wrappers[0].conn_offset, 24U);
  EXPECT_NE(fork.Find("(*UConn).Write"), nullptr);
  EXPECT_EQ(fork.Find("(*Other).Write"), nullptr);
}

TEST(GoImageForksTest, AreTakenByHandWhateverTheirTypes) {
  const MemoryFile file(GoImage({.forks = true}).Build());
  const std::vector<std::string> by_hand = {"example.org/other/tls"};
  const auto binary = GoBinary::Open(file.fd(), "name", by_hand);
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  const std::vector<TlsPackage>& packages = (*binary)->facts().packages;
  ASSERT_EQ(packages.size(), 3U);
  EXPECT_EQ(packages[1].path, "example.org/other/tls");
  EXPECT_FALSE(packages[1].offsets.conn_input);
}

TEST(GoImageForksTest, AloneAreEnough) {
  const auto binary = OpenBytes(GoImage({.crypto_tls = false, .forks = true}).Build());
  ASSERT_TRUE(binary.has_value()) << binary.error().Message();
  ASSERT_EQ((*binary)->facts().packages.size(), 1U);
  EXPECT_EQ((*binary)->facts().packages[0].path, "example.org/v1/utls");
}

}  // namespace
}  // namespace gotls
