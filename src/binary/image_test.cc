#include "binary/image.h"

#include <gtest/gtest.h>

#include "binary/test_elf.h"

namespace gotls {
namespace {

constexpr std::uint64_t kCode = 0x1000;
constexpr std::uint64_t kConst = 0x2000;
constexpr std::uint64_t kData = 0x3000;

struct Relocation {
  std::uint64_t address = 0;
  std::uint64_t info = 0;
  std::uint64_t addend = 0;
};

TestElf ElfWith(const std::vector<Relocation>& relocations, std::uint64_t symbols = 0) {
  Blob data(kData);
  data.Words({0x1111, 0x2222, 0x3333, 0x4444});
  const std::uint64_t rela = data.here();
  for (const Relocation& r : relocations) data.Words({r.address, r.info, r.addend});
  const std::uint64_t dynamic = data.here();
  data.Words({DT_RELA, rela, DT_RELASZ, dynamic - rela, DT_SYMTAB, symbols, DT_NULL, 0});
  TestElf elf;
  elf.type = ET_DYN;
  elf.segments = {{PT_LOAD, PF_R | PF_X, kCode, std::string(64, '\x90')},
                  {PT_LOAD, PF_R, kConst, std::string(128, 'c')},
                  {PT_LOAD, PF_R | PF_W, kData, data.bytes()},
                  {PT_DYNAMIC, PF_R | PF_W, dynamic, data.bytes().substr(dynamic - kData)}};
  return elf;
}

Image MustLoad(const TestElf& elf) {
  const MemoryFile file(elf.Build());
  auto headers = ReadElfHeaders(file.fd(), "name");
  EXPECT_TRUE(headers.has_value());
  auto image = Image::Load(file.fd(), std::move(*headers), "name");
  EXPECT_TRUE(image.has_value());
  return std::move(*image);
}

TEST(ImageTest, AddressesAndOffsets) {
  TestElf elf = ElfWith({});
  const MemoryFile file(elf.Build());
  Image image = MustLoad(elf);
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 0x1111U);
  EXPECT_EQ(image.Read<std::uint64_t>({kData - 1}), std::nullopt);
  EXPECT_EQ(image.Read<std::uint64_t>({~0ULL}), std::nullopt);
  EXPECT_TRUE(image.At({kConst}, 128));
  EXPECT_FALSE(image.At({kConst}, 129));
  EXPECT_FALSE(image.At({kConst + 1}, ~0ULL));
  EXPECT_TRUE(image.IsCode({kCode}));
  EXPECT_FALSE(image.IsCode({kCode + 64}));
  EXPECT_EQ(image.OffsetOf({kConst + 4})->value, image.OffsetOf({kConst})->value + 4);
  EXPECT_EQ(image.OffsetOf({1}), std::nullopt);
  EXPECT_EQ(image.From({kConst + 100}).size(), 28U);
  EXPECT_TRUE(image.From({5}).empty());
  // Code is read when it is asked for.
  EXPECT_FALSE(image.At({kCode}, 1));
  EXPECT_TRUE(image.ReadCode(file.fd(), {kCode + 60}, 4));
  EXPECT_FALSE(image.ReadCode(file.fd(), {kCode + 60}, 5));
  EXPECT_FALSE(image.ReadCode(file.fd(), {kCode}, 0));
  EXPECT_FALSE(image.ReadCode(file.fd(), {kCode + 1}, ~0ULL));
}

TEST(ImageTest, DataInTheCodesSegmentIsLoaded) {
  TestElf elf = ElfWith({});
  elf.segments[1].flags = PF_R | PF_X;
  const Image image = MustLoad(elf);
  EXPECT_TRUE(image.At({kConst}, 128));
}

TEST(ImageTest, RelativeRelocationsGiveTheAddend) {
  const Image image = MustLoad(ElfWith({{kData + 8, R_X86_64_RELATIVE, 0x5555}}));
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 0x1111U);
  EXPECT_EQ(image.Read<std::uint64_t>({kData + 8}), 0x5555U);
}

TEST(ImageTest, Arm64HasNumbersOfItsOwn) {
  TestElf elf = ElfWith({{kData, R_AARCH64_RELATIVE, 7}, {kData + 8, R_X86_64_RELATIVE, 8}});
  elf.machine = EM_AARCH64;
  const Image image = MustLoad(elf);
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 7U);
  EXPECT_EQ(image.Read<std::uint64_t>({kData + 8}), 0x2222U);
}

TEST(ImageTest, AbsoluteRelocationsTakeDefinedSymbols) {
  TestElf elf = ElfWith({{kData, (1ULL << 32) | R_X86_64_64, 0x10},
                         {kData + 8, (2ULL << 32) | R_X86_64_64, 0x10},
                         {kData + 16, (0xffffffffULL << 32) | R_X86_64_64, 0x10}},
                        kConst);
  Blob symbols(kConst);
  symbols.Fill(sizeof(Elf64_Sym));
  symbols.Put(Elf64_Sym{
      .st_name = 0, .st_info = 0, .st_other = 0, .st_shndx = 1, .st_value = 0x9000, .st_size = 0});
  symbols.Fill(sizeof(Elf64_Sym));  // undefined
  elf.segments[1].bytes = symbols.bytes();
  const Image image = MustLoad(elf);
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 0x9010U);
  EXPECT_EQ(image.Read<std::uint64_t>({kData + 8}), 0x2222U);
  EXPECT_EQ(image.Read<std::uint64_t>({kData + 16}), 0x3333U);
}

// The words under DT_RELR hold what is to be added to the load bias: at the bias 0 that is the
// value.
TEST(ImageTest, RelrWordsStayAsTheyAre) {
  TestElf elf = ElfWith({});
  Blob dynamic(kData + 0x100);
  dynamic.Words({DT_RELR, kConst, DT_RELRSZ, 16, DT_RELRENT, 8, DT_NULL, 0});
  elf.segments[3].bytes = dynamic.bytes();
  elf.segments[2].bytes.resize(0x100);
  elf.segments[2].bytes += dynamic.bytes();
  elf.segments[3].address = kData + 0x100;
  const Image image = MustLoad(elf);
  EXPECT_EQ(image.Read<std::uint64_t>({kData + 8}), 0x2222U);
}

TEST(ImageTest, HostileRelocationsChangeNothingElse) {
  const Image image = MustLoad(ElfWith({{kData - 4, R_X86_64_RELATIVE, 1},
                                        {~0ULL - 3, R_X86_64_RELATIVE, 1},
                                        {kCode, R_X86_64_RELATIVE, 1},
                                        {kConst + 125, R_X86_64_RELATIVE, 1},
                                        {kData + 0x20, R_X86_64_RELATIVE, ~0ULL},  // the table
                                        {kData, 0xff, 1}}));
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 0x1111U);
}

TEST(ImageTest, HugeRelocationTableIsIgnored) {
  TestElf elf = ElfWith({{kData, R_X86_64_RELATIVE, 1}});
  Blob dynamic(elf.segments[3].address);
  dynamic.Words({DT_RELA, kData + 0x20, DT_RELASZ, ~0ULL, DT_NULL, 0});
  elf.segments[2].bytes.replace(dynamic.start() - kData, dynamic.bytes().size(), dynamic.bytes());
  const Image image = MustLoad(elf);
  EXPECT_EQ(image.Read<std::uint64_t>({kData}), 0x1111U);
}

TEST(ImageTest, UnendingDynamicTableEnds) {
  TestElf elf = ElfWith({});
  elf.segments[2].bytes.resize(64, '\x01');
  elf.segments[3].address = kData;
  elf.segments[3].bytes = elf.segments[2].bytes;
  EXPECT_EQ(MustLoad(elf).segments().size(), 3U);
}

}  // namespace
}  // namespace gotls
