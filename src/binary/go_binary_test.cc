// Real Go programs, as tests/build-targets makes them, compared with their symbol tables, with each
// other, and with offsets taken from DWARF. Skipped where they have not been built.
#include "binary/go_binary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <ostream>
#include <random>

#include "binary/test_elf.h"
#include "bpf/event.h"

namespace gotls {
namespace {

namespace fs = std::filesystem;

struct Target {
  std::string version;  // "1.26"
  std::string flavour;
  fs::path path;
};

fs::path TargetsFolder() {
  if (const char* folder = std::getenv("GOTLS_TARGETS")) return folder;
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/") / ".cache/gotls/targets";
}

std::vector<Target> AllTargets() {
  std::vector<Target> targets;
  std::error_code error;
  for (const auto& version : fs::directory_iterator(TargetsFolder(), error)) {
    const std::string name = version.path().filename();
    if (!name.starts_with("go")) continue;
    for (const char* flavour : {"plain", "stripped", "pie", "cgo", "cgopie", "cshared", "arm64"}) {
      const fs::path path = version.path() / flavour / "target";
      if (fs::exists(path, error)) targets.push_back({name.substr(2), flavour, path});
    }
  }
  std::ranges::sort(targets, {}, &Target::path);
  return targets;
}

std::vector<Target> Select(const std::function<bool(const Target&)>& wanted) {
  std::vector<Target> targets = AllTargets();
  std::erase_if(targets, [&](const Target& target) { return !wanted(target); });
  return targets;
}

void PrintTo(const Target& target, std::ostream* out) { *out << target.path; }

std::string TestName(const testing::TestParamInfo<Target>& test) {
  std::string name = test.param.version + "_" + test.param.flavour;
  std::ranges::replace(name, '.', '_');
  return name;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Addresses by name, from .symtab; sizes too.
std::map<std::string, Elf64_Sym> Symbols(const std::string& file) {
  std::map<std::string, Elf64_Sym> symbols;
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data() + header->e_shoff);
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const char* names = file.data() + sections[sections[i].sh_link].sh_offset;
    for (std::uint64_t at = 0; at < sections[i].sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, file.data() + sections[i].sh_offset + at, sizeof(symbol));
      symbols.emplace(names + symbol.st_name, symbol);
    }
  }
  return symbols;
}

std::unique_ptr<GoBinary> MustOpen(const fs::path& path) {
  auto binary = GoBinary::OpenPath(path);
  EXPECT_TRUE(binary.has_value()) << binary.error().Message();
  return binary ? std::move(*binary) : nullptr;
}

std::unique_ptr<GoBinary> MustOpenBytes(const std::string& bytes) {
  const MemoryFile file(bytes);
  auto binary = GoBinary::Open(file.fd(), "changed");
  EXPECT_TRUE(binary.has_value()) << binary.error().Message();
  return binary ? std::move(*binary) : nullptr;
}

// Steps as "*net.TCPConn 1 0 ", by name.
std::vector<std::string> StepTexts(const GoBinary& binary) {
  std::vector<std::string> texts;
  for (const TypeStep& step : binary.facts().type_steps) {
    texts.push_back(step.type_name + " " + std::to_string(step.step) + " " +
                    std::to_string(step.offset) + " " +
                    binary.TypeName(step.next_type).value_or("-"));
  }
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::optional<std::uint32_t>> AllOffsets(const StructOffsets& o) {
  return {o.g_goid,          o.g_stack_hi,      o.conn_conn,         o.conn_is_client,
          o.conn_handshakes, o.conn_version,    o.conn_cipher_suite, o.conn_server_name,
          o.conn_alpn,       o.conn_did_resume, o.conn_input,        o.conn_in,
          o.conn_out,        o.fd_sysfd,        o.fd_laddr,          o.fd_raddr,
          o.tcp_addr_ip,     o.tcp_addr_port,   o.unix_addr_name};
}

class TargetTest : public testing::TestWithParam<Target> {};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TargetTest);
INSTANTIATE_TEST_SUITE_P(Targets, TargetTest, testing::ValuesIn(AllTargets()), TestName);

TEST(Targets, ArePresent) {
  if (AllTargets().empty()) {
    GTEST_SKIP() << "no Go programs in " << TargetsFolder()
                 << ": run tests/build-targets, or set GOTLS_TARGETS";
  }
}

TEST_P(TargetTest, Identity) {
  const Target& target = GetParam();
  const auto binary = MustOpen(target.path);
  ASSERT_NE(binary, nullptr);
  const GoFacts& facts = binary->facts();
  const std::string& flavour = target.flavour;
  const bool relocated = flavour == "pie" || flavour == "cgopie" || flavour == "cshared";
  EXPECT_TRUE(facts.go_version.starts_with("go" + target.version + ".")) << facts.go_version;
  EXPECT_EQ(facts.version_source, ".go.buildinfo");
  EXPECT_EQ("1." + std::to_string(facts.go_minor), target.version);
  EXPECT_EQ(facts.arch, flavour == "arm64" ? Arch::kArm64 : Arch::kAmd64);
  EXPECT_EQ(facts.position_independent, relocated);
  EXPECT_EQ(facts.shared_library, flavour == "cshared");
  EXPECT_EQ(facts.stripped, flavour == "stripped");
  EXPECT_TRUE(facts.has_sections);
  EXPECT_TRUE(facts.main_package.starts_with("gotls.test/targets/")) << facts.main_package;
  EXPECT_FALSE(facts.build_id.empty());
  EXPECT_GT(facts.function_count, 3000U);
}

TEST_P(TargetTest, FunctionsAgreeWithTheSymbolTable) {
  const Target& target = GetParam();
  const auto binary = MustOpen(target.path);
  ASSERT_NE(binary, nullptr);
  const TlsPackage& package = binary->facts().packages.at(0);
  const std::string file = ReadFile(target.path);
  const auto symbols = Symbols(file);
  if (target.flavour != "stripped") {
    EXPECT_EQ(symbols.at("runtime.text").st_value, binary->facts().text_start.value);
  }
  for (const char* name :
       {"(*Conn).Read", "(*Conn).Write", "(*Conn).Close", "(*Conn).writeRecordLocked",
        "(*Conn).readRecordOrCCS", "(*Conn).clientHandshake", "(*Conn).serverHandshake",
        "(*Config).writeKeyLog"}) {
    const Function* function = package.Find(name);
    ASSERT_NE(function, nullptr) << name;
    EXPECT_EQ(AsText(function->code),
              std::string_view(file).substr(function->offset.value, function->code.size()));
    if (target.flavour == "stripped") continue;
    const Elf64_Sym& symbol = symbols.at(function->name);
    EXPECT_EQ(symbol.st_value, function->address.value) << name;
    EXPECT_GE(function->code.size(), symbol.st_size) << name;
    EXPECT_LT(function->code.size(), symbol.st_size + 64) << name;
  }
}

// go.itab.*net.TCPConn,net.Conn up to Go 1.19, go:itab.* up to 1.26.
TEST_P(TargetTest, ItabsAgreeWithTheSymbolTable) {
  const auto binary = MustOpen(GetParam().path);
  ASSERT_NE(binary, nullptr);
  int compared = 0;
  for (const auto& [name, symbol] : Symbols(ReadFile(GetParam().path))) {
    if (!name.starts_with("go.itab.*") && !name.starts_with("go:itab.*")) continue;
    // The symbol has the import path, the type's own name only the package's name.
    const std::string type = name.substr(8, name.find(',') - 8);
    if (type.find('[') != std::string::npos) continue;
    const auto found = binary->ItabTypeName({symbol.st_value});
    ASSERT_TRUE(found.has_value()) << name;
    EXPECT_TRUE(found->starts_with('*')) << *found;
    EXPECT_EQ(found->substr(found->rfind('.')), type.substr(type.rfind('.'))) << name;
    ++compared;
  }
  const bool has_symbols = GetParam().flavour != "stripped" && binary->facts().go_minor <= 26;
  EXPECT_EQ(compared > 20, has_symbols) << compared;
}

struct KnownOffsets {
  int first_minor;
  std::uint32_t goid, version, cipher_suite, server_name, alpn, in, out, input;
};

// From DWARF; for checking only.
constexpr KnownOffsets kKnown[] = {
    {15, 152, 64, 90, 192, 328, 352, 496, 680},  {19, 152, 64, 90, 192, 328, 344, 488, 672},
    {21, 152, 72, 98, 224, 360, 376, 528, 720},  {22, 152, 72, 98, 224, 360, 376, 528, 720},
    {23, 160, 72, 100, 224, 368, 384, 536, 728}, {24, 160, 72, 100, 224, 368, 384, 536, 728},
    {25, 152, 72, 100, 208, 352, 368, 520, 712}, {26, 152, 72, 100, 208, 352, 368, 520, 712},
    {27, 152, 72, 100, 232, 376, 392, 544, 736},
};

TEST_P(TargetTest, OffsetsAgreeWithDwarf) {
  const auto binary = MustOpen(GetParam().path);
  ASSERT_NE(binary, nullptr);
  const StructOffsets& offsets = binary->facts().packages.at(0).offsets;
  for (const auto& offset : AllOffsets(offsets)) EXPECT_TRUE(offset.has_value());
  EXPECT_EQ(offsets.g_stack_hi, 8U);
  EXPECT_EQ(offsets.conn_conn, 0U);
  EXPECT_EQ(offsets.conn_is_client, 16U);
  EXPECT_EQ(offsets.fd_sysfd, 16U);
  EXPECT_EQ(offsets.fd_laddr, 96U);
  EXPECT_EQ(offsets.fd_raddr, 112U);
  EXPECT_EQ(offsets.tcp_addr_ip, 0U);
  EXPECT_EQ(offsets.tcp_addr_port, 24U);
  EXPECT_EQ(offsets.unix_addr_name, 0U);
  const auto known = std::ranges::find(kKnown, static_cast<int>(binary->facts().go_minor),
                                       &KnownOffsets::first_minor);
  if (known == std::end(kKnown)) GTEST_SKIP() << "no offsets to compare with for this version";
  EXPECT_EQ(offsets.g_goid, known->goid);
  EXPECT_EQ(offsets.conn_version, known->version);
  EXPECT_EQ(offsets.conn_cipher_suite, known->cipher_suite);
  EXPECT_EQ(offsets.conn_server_name, known->server_name);
  EXPECT_EQ(offsets.conn_alpn, known->alpn);
  EXPECT_EQ(offsets.conn_in, known->in);
  EXPECT_EQ(offsets.conn_out, known->out);
  EXPECT_EQ(offsets.conn_input, known->input);
}

TEST_P(TargetTest, StepsOfTheLibrarysOwnTypes) {
  const auto binary = MustOpen(GetParam().path);
  ASSERT_NE(binary, nullptr);
  const auto steps = StepTexts(*binary);
  for (const char* text : {"*net.TCPConn 1 0 -", "*net.UnixConn 1 0 -", "*net.TCPAddr 6 0 -",
                           "*net.UnixAddr 7 0 -", "*tls.Conn 5 0 -"}) {
    EXPECT_EQ(std::ranges::count(steps, text), 1) << text;
  }
  EXPECT_LT(steps.size(), 100U);
  for (const std::string& step : steps) EXPECT_FALSE(step.starts_with("*net.pipe ")) << step;
}

// Those with the wrappers of tests/targets/scenario.
class WrapperTest : public TargetTest {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WrapperTest);
INSTANTIATE_TEST_SUITE_P(Targets, WrapperTest, testing::ValuesIn(Select([](const Target& target) {
                           return target.flavour != "cshared";
                         })),
                         TestName);

TEST_P(WrapperTest, StepsOfWrappers) {
  const auto binary = MustOpen(GetParam().path);
  ASSERT_NE(binary, nullptr);
  const auto steps = StepTexts(*binary);
  for (const char* text :
       {"*scenario.pointerWrapper 2 0 -", "scenario.valueWrapper 2 16 -",
        "*scenario.tcpWrapper 3 0 *net.TCPConn", "scenario.tcpWrapper 4 0 *net.TCPConn"}) {
    EXPECT_EQ(std::ranges::count(steps, text), 1) << text;
  }
}

TEST_P(TargetTest, WithoutSectionHeadersAllIsTheSame) {
  const auto binary = MustOpen(GetParam().path);
  std::string file = ReadFile(GetParam().path);
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  header->e_shoff = 0;
  header->e_shnum = header->e_shstrndx = 0;
  const auto without = MustOpenBytes(file);
  ASSERT_TRUE(binary != nullptr && without != nullptr);
  EXPECT_FALSE(without->facts().has_sections);
  EXPECT_TRUE(without->facts().pclntab.starts_with("found by its magic number, "));
  EXPECT_EQ(without->facts().go_version, binary->facts().go_version);
  EXPECT_EQ(without->facts().version_source, ".go.buildinfo");
  EXPECT_EQ(without->facts().main_package, binary->facts().main_package);
  EXPECT_EQ(without->facts().text_start, binary->facts().text_start);
  EXPECT_EQ(without->facts().function_count, binary->facts().function_count);
  EXPECT_EQ(AllOffsets(without->facts().packages[0].offsets),
            AllOffsets(binary->facts().packages[0].offsets));
  EXPECT_EQ(StepTexts(*without), StepTexts(*binary));
}

TEST_P(TargetTest, WithoutBuildInfoTheRuntimeKnowsItsVersion) {
  const auto binary = MustOpen(GetParam().path);
  std::string file = ReadFile(GetParam().path);
  for (std::size_t at = 0; (at = file.find("\xff Go buildinf:", at)) != std::string::npos;) {
    file[at] = 'x';
  }
  const auto without = MustOpenBytes(file);
  ASSERT_TRUE(binary != nullptr && without != nullptr);
  EXPECT_EQ(without->facts().go_version, binary->facts().go_version);
  EXPECT_EQ(without->facts().version_source, "runtime.buildVersion");
}

class StrippedTest : public TargetTest {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StrippedTest);
INSTANTIATE_TEST_SUITE_P(Targets, StrippedTest, testing::ValuesIn(Select([](const Target& target) {
                           return target.flavour == "stripped";
                         })),
                         TestName);

TEST_P(StrippedTest, StrippingChangesNothing) {
  const Target& target = GetParam();
  const fs::path plain_path = target.path.parent_path().parent_path() / "plain/target";
  if (!fs::exists(plain_path)) GTEST_SKIP() << "no plain build beside it";
  const auto plain = MustOpen(plain_path);
  const auto stripped = MustOpen(target.path);
  ASSERT_TRUE(plain != nullptr && stripped != nullptr);
  EXPECT_EQ(AllOffsets(plain->facts().packages[0].offsets),
            AllOffsets(stripped->facts().packages[0].offsets));
  EXPECT_EQ(StepTexts(*plain), StepTexts(*stripped));
  const auto& functions = plain->facts().packages[0].functions;
  ASSERT_EQ(functions.size(), stripped->facts().packages[0].functions.size());
  for (const Function& function : functions) {
    const std::string name = function.name.substr(std::string("crypto/tls.").size());
    const Function* other = stripped->facts().packages[0].Find(name);
    ASSERT_NE(other, nullptr) << name;
    EXPECT_EQ(other->address, function.address) << name;
  }
}

// ---- hostile ----

class HostileTest : public TargetTest {};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(HostileTest);
INSTANTIATE_TEST_SUITE_P(Targets, HostileTest, testing::ValuesIn(Select([](const Target& target) {
                           const std::string name = target.version + " " + target.flavour;
                           return name == "1.15 stripped" || name == "1.19 pie" ||
                                  name == "1.27 stripped";
                         })),
                         TestName);

TEST_P(HostileTest, CutAnywhere) {
  const std::string file = ReadFile(GetParam().path);
  const MemoryFile cut(file);
  for (std::size_t i = 200; i > 0; --i) {
    cut.Truncate(file.size() / 200 * i - i * 7 % 64);
    const auto binary = GoBinary::Open(cut.fd(), "cut");
    if (!binary) {
      EXPECT_EQ(binary.error().kind, ErrorKind::kTarget);
    }
  }
}

// Where it hurts: headers, pclntab, writable data with moduledata in it, types.
std::vector<std::pair<std::uint64_t, std::uint64_t>> SoftSpots(const Target& target,
                                                               const std::string& file) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spots = {{0, 1024}};
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file.data());
  const auto* segments = reinterpret_cast<const Elf64_Phdr*>(file.data() + header->e_phoff);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file.data() + header->e_shoff);
  const char* names = file.data() + sections[header->e_shstrndx].sh_offset;
  spots.emplace_back(header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr));
  for (int i = 0; i < header->e_shnum; ++i) {
    const std::string_view name = names + sections[i].sh_name;
    if (name.find("gopclntab") != std::string_view::npos) {
      spots.emplace_back(sections[i].sh_offset, 128);
      spots.emplace_back(sections[i].sh_offset, sections[i].sh_size);
    }
    if (name == ".go.module" || name == ".noptrdata" || name == ".go.buildinfo") {
      spots.emplace_back(sections[i].sh_offset, std::min<std::uint64_t>(sections[i].sh_size, 2048));
    }
  }
  const auto binary = MustOpen(target.path);
  for (const TypeStep& step : binary->facts().type_steps) {
    for (int i = 0; i < header->e_phnum; ++i) {
      const std::uint64_t within = step.type.value - segments[i].p_vaddr;
      if (segments[i].p_type != PT_LOAD || within >= segments[i].p_filesz) continue;
      spots.emplace_back(segments[i].p_offset + within, 256);
    }
  }
  return spots;
}

TEST_P(HostileTest, BytesAndWordsChanged) {
  const std::string file = ReadFile(GetParam().path);
  const MemoryFile changed(file);
  const auto spots = SoftSpots(GetParam(), file);
  std::mt19937_64 random(1);  // the same changes in every run
  constexpr int kRounds = 1000;
  int opened = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto [start, size] = spots[static_cast<std::size_t>(round) % spots.size()];
    const std::uint64_t at = std::min<std::uint64_t>(start + random() % size, file.size() - 8);
    std::uint64_t value = random();
    if (round % 3 == 0) value = ~0ULL;
    if (round % 5 == 0) value &= 0x7fffff;
    const std::size_t width = round % 2 == 0 ? 8 : 1;
    changed.Write(at, std::string_view(reinterpret_cast<const char*>(&value), width));
    const auto binary = GoBinary::Open(changed.fd(), "changed");
    if (binary) {
      ++opened;
    } else {
      EXPECT_EQ(binary.error().kind, ErrorKind::kTarget);
    }
    // Changes add up for a while, then the file is whole again.
    if (round % 4 == 3 || !binary) {
      for (const auto& [offset, length] : spots) {
        changed.Write(offset, std::string_view(file).substr(offset, length + 8));
      }
    }
  }
  EXPECT_GT(opened, kRounds / 4);
}

}  // namespace
}  // namespace gotls
