#include "binary/elf_headers.h"

#include <gtest/gtest.h>

#include <functional>

#include "binary/go_binary.h"
#include "binary/test_elf.h"

namespace gotls {
namespace {

TestElf SmallElf() {
  TestElf elf;
  elf.segments = {{PT_LOAD, PF_R | PF_X, 0x401000, std::string(256, '\x90')},
                  {PT_LOAD, PF_R, 0x402000, std::string(256, 'r')},
                  {PT_LOAD, PF_R | PF_W, 0x403000, std::string(256, 'w')}};
  return elf;
}

std::string OpenError(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto binary = GoBinary::Open(file.fd(), "name");
  EXPECT_FALSE(binary.has_value());
  if (binary) return {};
  EXPECT_EQ(binary.error().kind, ErrorKind::kTarget);
  EXPECT_EQ(binary.error().where, "name");
  return binary.error().what;
}

struct HeaderCase {
  std::string name;
  std::function<void(std::string& file, Elf64_Ehdr& header)> change;
  std::string error;
};

class HeaderTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(HeaderTest, NamesTheReason) {
  std::string file = SmallElf().Build();
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof(header));
  GetParam().change(file, header);
  if (file.size() >= sizeof(header)) std::memcpy(file.data(), &header, sizeof(header));
  EXPECT_EQ(OpenError(file), GetParam().error);
}

Elf64_Phdr& SegmentOf(std::string& file, std::size_t index) {
  return *reinterpret_cast<Elf64_Phdr*>(file.data() + sizeof(Elf64_Ehdr) +
                                        index * sizeof(Elf64_Phdr));
}

const HeaderCase kCases[] = {
    {"empty", [](auto& file, auto&) { file.clear(); }, "not an ELF file"},
    {"short", [](auto& file, auto&) { file.resize(15); }, "not an ELF file"},
    {"text", [](auto& file, auto&) { file = "#!/bin/sh\nexec something else\n"; },
     "not an ELF file"},
    {"magic", [](auto&, auto& h) { h.e_ident[1] = 'e'; }, "not an ELF file"},
    {"elf32", [](auto&, auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }, "32-bit ELF file"},
    {"bigEndian", [](auto&, auto& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }, "big-endian ELF file"},
    {"badClass", [](auto&, auto& h) { h.e_ident[EI_CLASS] = 7; },
     "corrupt ELF header at offset 0x0"},
    {"riscv", [](auto&, auto& h) { h.e_machine = EM_RISCV; }, "unsupported architecture: riscv64"},
    {"unknownMachine", [](auto&, auto& h) { h.e_machine = 9999; },
     "unsupported architecture: ELF machine 9999"},
    {"object", [](auto&, auto& h) { h.e_type = ET_REL; }, "neither a program nor a shared library"},
    {"core", [](auto&, auto& h) { h.e_type = ET_CORE; }, "neither a program nor a shared library"},
    {"cutHeader", [](auto& file, auto&) { file.resize(40); }, "corrupt ELF header at offset 0x0"},
    {"noSegments", [](auto&, auto& h) { h.e_phnum = 0; }, "corrupt ELF header at offset 0x36"},
    {"manySegments", [](auto&, auto& h) { h.e_phnum = 0xffff; },
     "corrupt ELF header at offset 0x36"},
    {"segmentSize", [](auto&, auto& h) { h.e_phentsize = 55; },
     "corrupt ELF header at offset 0x36"},
    {"segmentsOutside", [](auto&, auto& h) { h.e_phoff = ~0ULL - 10; },
     "corrupt program headers at offset 0xfffffffffffffff5"},
    {"segmentsCut", [](auto& file, auto&) { file.resize(sizeof(Elf64_Ehdr) + 100); },
     "corrupt program headers at offset 0x40"},
    {"segmentBeyondFile", [](auto& file, auto&) { SegmentOf(file, 1).p_filesz = 1 << 20; },
     "corrupt program headers at offset 0x78"},
    {"segmentOffsetOverflows", [](auto& file, auto&) { SegmentOf(file, 1).p_offset = ~0ULL - 8; },
     "corrupt program headers at offset 0x78"},
    {"segmentAddressOverflows", [](auto& file, auto&) { SegmentOf(file, 1).p_vaddr = ~0ULL - 8; },
     "corrupt program headers at offset 0x78"},
    {"segmentsOverlap", [](auto& file, auto&) { SegmentOf(file, 1).p_vaddr = 0x401010; },
     "corrupt program headers at offset 0x40"},
    {"sectionsOutside",
     [](auto&, auto& h) {
       h.e_shoff = ~0ULL;
       h.e_shnum = 10;
       h.e_shentsize = sizeof(Elf64_Shdr);
     },
     "not a Go program"},
    {"nothingInside", [](auto&, auto&) {}, "not a Go program"},
};

INSTANTIATE_TEST_SUITE_P(Cases, HeaderTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(ElfHeadersTest, CutAnywhereIsAnError) {
  const std::string file = SmallElf().Build();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(OpenError(std::string_view(file).substr(0, size)), "") << size;
  }
}

TEST(ElfHeadersTest, ManyCopiesOfOnePartAreRefused) {
  TestElf elf = SmallElf();
  elf.segments[1].bytes.resize(1 << 20);
  for (unsigned i = 0; i < 200; ++i) {
    elf.segments.push_back({PT_LOAD, PF_R, 0x10000000 + i * 0x1000000ULL, "x"});
  }
  std::string file = elf.Build();
  for (std::size_t i = 3; i < elf.segments.size(); ++i) {
    SegmentOf(file, i).p_offset = SegmentOf(file, 1).p_offset;
    SegmentOf(file, i).p_filesz = 1 << 20;
  }
  EXPECT_EQ(OpenError(file), "corrupt program headers at offset 0x40");
}

TEST(ElfHeadersTest, SectionsWithoutAnyOfGosAreEnoughToRefuse) {
  TestElf elf = SmallElf();
  elf.sections = {{".text", 0x401000, 256}, {".rodata", 0x402000, 256}};
  const MemoryFile file(elf.Build());
  const auto headers = ReadElfHeaders(file.fd(), "name");
  ASSERT_TRUE(headers.has_value());
  EXPECT_EQ(headers->sections.size(), 3U);
  EXPECT_FALSE(MayBeGo(*headers));
  EXPECT_FALSE(headers->has_symtab);
  EXPECT_EQ(OpenError(elf.Build()), "not a Go program");
}

TEST(ElfHeadersTest, EachGoSectionIsEnoughToLookFurther) {
  for (const char* name : {".gopclntab", ".go.buildinfo", ".note.go.buildid", ".go.module"}) {
    TestElf elf = SmallElf();
    elf.sections = {{name, 0x402000, 256}};
    const MemoryFile file(elf.Build());
    const auto headers = ReadElfHeaders(file.fd(), "name");
    ASSERT_TRUE(headers.has_value());
    EXPECT_TRUE(MayBeGo(*headers)) << name;
    EXPECT_NE(headers->FindSection(name), nullptr);
  }
}

TEST(ElfHeadersTest, BrokenSectionsCountAsNone) {
  TestElf elf = SmallElf();
  elf.sections = {{".text", 0x401000, 256}};
  const std::string good = elf.Build();
  const auto with = [&](auto change) {
    std::string file = good;
    auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
    auto* sections = reinterpret_cast<Elf64_Shdr*>(file.data() + header->e_shoff);
    change(*header, sections);
    const MemoryFile opened(file);
    const auto headers = ReadElfHeaders(opened.fd(), "name");
    return headers.has_value() && headers->sections.empty();
  };
  EXPECT_FALSE(with([](auto&, auto*) {}));
  EXPECT_TRUE(with([](auto& h, auto*) { h.e_shnum = 0xfff0; }));
  EXPECT_TRUE(with([](auto& h, auto*) { h.e_shstrndx = 9; }));
  EXPECT_TRUE(with([](auto& h, auto*) { h.e_shentsize = 1; }));
  EXPECT_TRUE(with([](auto&, auto* s) { s[2].sh_size = ~0ULL; }));
  EXPECT_TRUE(with([](auto&, auto* s) { s[2].sh_offset = ~0ULL - 4; }));
  EXPECT_TRUE(with([](auto&, auto* s) { s[1].sh_name = s[2].sh_name = 0xffffffff; }));
}

TEST(ElfHeadersTest, DirectoriesAndMissingFilesAreErrors) {
  EXPECT_EQ(GoBinary::OpenPath("/").error().what, "not a regular file");
  EXPECT_EQ(GoBinary::OpenPath("/no/such/file").error().what,
            "cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace gotls
