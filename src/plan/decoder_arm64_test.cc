#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "plan/decoder.h"
#include "plan/lift_arm64.h"
#include "plan/test_code.h"

namespace gotls {
namespace {

Result<std::vector<Instruction>> DecodeWords(std::initializer_list<std::uint32_t> words,
                                             std::size_t limit = 1000) {
  std::vector<std::byte> bytes(words.size() * 4);
  if (!bytes.empty()) std::memcpy(bytes.data(), words.begin(), bytes.size());
  const TestFunction function(std::move(bytes), "crypto/tls.(*Conn).Read");
  const auto decoder = MakeDecoder(Arch::kArm64);
  return (*decoder)->Decode(*function, limit);
}

std::string NameOf(std::uint8_t reg) {
  if (reg == kNoRegister) return "zr";
  if (reg >= kGeneralRegisters) return fmt::format("v{}", reg - kGeneralRegisters);
  return MachineOf(Arch::kArm64).NameOf(reg);
}

// "x1:4", "#0x17", "[sp+0x8]:8", "[x1+x2*8?]:4".
std::string Print(const Operand& operand) {
  switch (operand.kind) {
    case OperandKind::kNone:
      return "";
    case OperandKind::kRegister:
      return fmt::format("{}:{}", NameOf(operand.reg), operand.width);
    case OperandKind::kImmediate:
      return fmt::format("#{:#x}", static_cast<std::uint64_t>(operand.immediate));
    case OperandKind::kMemory:
      break;
  }
  const MemoryOperand& memory = operand.memory;
  std::string text = "[";
  if (memory.base != kNoRegister) text += NameOf(memory.base);
  if (memory.index != kNoRegister) {
    text += fmt::format("+{}*{}", NameOf(memory.index), memory.scale);
  }
  if (memory.vague) text += "?";
  if (memory.displacement != 0) text += fmt::format("{:+#x}", memory.displacement);
  return text + fmt::format("]:{}", operand.width);
}

std::string Print(const Instruction& at) {
  switch (at.operation) {
    case Operation::kNone:
      return at.keeps_flags ? "nothing" : "flags";
    case Operation::kMove:
    case Operation::kVectorMove:
      return fmt::format("{} = {}", Print(at.operands[0]), Print(at.operands[1]));
    case Operation::kLoadAddress:
      return fmt::format("{} = &{}", Print(at.operands[0]), Print(at.operands[1]));
    case Operation::kSubtract:
      return fmt::format("{} -= {}", Print(at.operands[0]), Print(at.operands[1]));
    case Operation::kConditionalMove:
      return fmt::format("{} ?= {}", Print(at.operands[0]), Print(at.operands[1]));
    case Operation::kHavoc:
      return "anything";
    default:
      break;
  }
  std::string text = "unknown";
  for (unsigned reg = 0; reg < 64; ++reg) {
    if ((at.written >> reg & 1) != 0) text += " " + NameOf(static_cast<std::uint8_t>(reg));
  }
  if (at.writes_memory) text += " " + Print(at.operands[0]);
  return text;
}

std::string Effects(std::uint32_t word) {
  std::vector<Instruction> code;
  LiftArm64(word, kTestAddress, 0, code);
  std::string text;
  for (const Instruction& at : code) text += (text.empty() ? "" : "; ") + Print(at);
  return text;
}

TEST(Arm64DecoderTest, Effects) {
  struct {
    std::uint32_t word;
    const char* effects;
  } const cases[] = {
      // Immediates.
      {0xd2800ae1, "x1:8 = #0x57"},                // mov x1, #0x57
      {0xd2c00021, "x1:8 = #0x100000000"},         // mov x1, #0x100000000
      {0x92800004, "x4:8 = #0xffffffffffffffff"},  // mov x4, #-1
      {0xb24003e3, "x3:8 = #0x1"},                 // orr x3, xzr, #1
      {0xb203e7e3, "x3:8 = #0x6666666666666666"},  // orr x3, xzr, #0x6666...
      {0x320003e3, "x3:4 = #0x100000001"},         // orr w3, wzr, #1
      {0xf2a00021, "unknown x1"},                  // movk x1, #1, lsl #16
      {0x92400421, "unknown x1"},                  // and x1, x1, #3
      {0xf2400c3f, "unknown"},                     // tst x1, #15
      {0x10000041, "x1:8 = &[+0x401008]:8"},       // adr x1, +8
      {0xb0000001, "x1:8 = &[+0x402000]:8"},       // adrp x1, next page
      {0xf0ffffe1, "x1:8 = &[+0x400000]:8"},       // adrp x1, page before
      // Additions.
      {0x910143e4, "x4:8 = &[sp+0x50]:8"},           // add x4, sp, #0x50
      {0x910003e2, "x2:8 = &[sp]:8"},                // mov x2, sp
      {0x9100029f, "sp:8 = &[x20]:8"},               // mov sp, x20
      {0xd10143f1, "x17:8 = &[sp-0x50]:8"},          // sub x17, sp, #0x50
      {0x91400421, "x1:8 = &[x1+0x1000]:8"},         // add x1, x1, #1, lsl #12
      {0x110008a6, "x6:4 = &[x5+0x2]:4"},            // add w6, w5, #2
      {0x8b020084, "x4:8 = &[x4+x2*1]:8"},           // add x4, x4, x2
      {0x8b021084, "unknown x4"},                    // add x4, x4, x2, lsl #4
      {0x8b420484, "unknown x4"},                    // add x4, x4, x2, lsr #1
      {0x8b2263e4, "x4:8 = &[sp+x2*1]:8"},           // add x4, sp, x2
      {0x8b2243e4, "unknown x4"},                    // add x4, sp, w2, uxtw
      {0xcb3b63f4, "x20:8 = sp:8; x20:8 -= x27:8"},  // sub x20, sp, x27
      {0xcb0400a6, "x6:8 = x5:8; x6:8 -= x4:8"},     // sub x6, x5, x4
      {0xcb0600a6, "unknown x6"},                    // sub x6, x5, x6
      {0xcb0603e4, "x4:8 = #0x0; x4:8 -= x6:8"},     // neg x4, x6
      {0xeb30633f, "flags"},                         // cmp x25, x16 (extended)
      {0xeb3063ff, "flags"},                         // cmp sp, x16
      {0xf100003f, "flags"},                         // cmp x1, #0
      {0xeb1f003f, "flags"},                         // cmp x1, xzr
      {0xf1000421, "x1:8 = &[x1-0x1]:8"},            // subs x1, x1, #1
      {0xfa40b800, "flags"},                         // ccmp
      // Moves and choices.
      {0xaa0303e0, "x0:8 = x3:8"},                // mov x0, x3
      {0xaa1f03e0, "x0:8 = #0x0"},                // mov x0, xzr
      {0x2a0303e0, "x0:4 = x3:4"},                // mov w0, w3
      {0xaa0303ff, "zr:8 = x3:8"},                // mov xzr, x3
      {0xaa2303e0, "unknown x0"},                 // mvn x0, x3
      {0xaa030020, "unknown x0"},                 // orr x0, x1, x3
      {0x53001c20, "x0:4 = x1:1"},                // uxtb w0, w1
      {0xd3407c20, "x0:8 = x1:4"},                // ubfx x0, x1, #0, #32
      {0x93407c20, "unknown x0"},                 // sxtw x0, w1
      {0xd37cec20, "unknown x0"},                 // lsl x0, x1, #4
      {0x9a9fc0c4, "x4:8 = x6:8; x4:8 ?= #0x0"},  // csel x4, x6, xzr, gt
      {0x9a80c0a2, "x2:8 = x5:8; x2:8 ?= x0:8"},  // csel x2, x5, x0, gt
      {0x9a82c0a2, "x2:8 ?= x5:8"},               // csel x2, x5, x2, gt
      {0x9a80c042, "x2:8 ?= x0:8"},               // csel x2, x2, x0, gt
      {0x9a9f17e6, "unknown x6"},                 // cset x6, eq
      {0x9b027c20, "unknown x0"},                 // mul x0, x1, x2
      {0x9ac10c40, "unknown x0"},                 // sdiv
      // Loads and stores of one register.
      {0xf9403fe0, "x0:8 = [sp+0x78]:8"},                   // ldr x0, [sp, #120]
      {0xf9003fff, "[sp+0x78]:8 = #0x0"},                   // str xzr, [sp, #120]
      {0x3900bfff, "[sp+0x2f]:1 = #0x0"},                   // strb wzr, [sp, #47]
      {0x39411be5, "x5:4 = [sp+0x46]:1"},                   // ldrb w5, [sp, #70]
      {0x79409006, "x6:4 = [x0+0x48]:2"},                   // ldrh w6, [x0, #72]
      {0xb9401028, "x8:4 = [x1+0x10]:4"},                   // ldr w8, [x1, #16]
      {0x3980007b, "unknown x27"},                          // ldrsb x27, [x3]
      {0xb9800020, "unknown x0"},                           // ldrsw x0, [x1]
      {0xf81f83fd, "[sp-0x8]:8 = x29:8"},                   // stur x29, [sp, #-8]
      {0xf8190ffe, "sp:8 = &[sp-0x70]:8; [sp]:8 = x30:8"},  // str x30, [sp, #-112]!
      {0xf84707fe, "x30:8 = [sp]:8; sp:8 = &[sp+0x70]:8"},  // ldr x30, [sp], #112
      {0xf8408c20, "x1:8 = &[x1+0x8]:8; x0:8 = [x1]:8"},    // ldr x0, [x1, #8]!
      {0xf86868a9, "x9:8 = [x5+x8*1]:8"},                   // ldr x9, [x5, x8]
      {0xf86878a9, "x9:8 = [x5+x8*8]:8"},                   // ldr x9, [x5, x8, lsl #3]
      {0xb82458a5, "[x5+x4*4?]:4 = x5:4"},                  // str w5, [x5, w4, uxtw #2]
      {0x38656884, "x4:4 = [x4+x5*1]:1"},                   // ldrb w4, [x4, x5]
      {0x58000041, "unknown x1"},                           // ldr x1, literal
      {0xf9800020, "nothing"},                              // prfm
      // Pairs.
      {0xa9047fff, "[sp+0x40]:8 = #0x0; [sp+0x48]:8 = #0x0"},  // stp xzr, xzr, [sp, #64]
      {0xa9440be1, "x1:8 = [sp+0x40]:8; x2:8 = [sp+0x48]:8"},  // ldp x1, x2, [sp, #64]
      {0xa9400c20, "x0:8 = [x1]:8; x3:8 = [x1+0x8]:8"},        // ldp x0, x3, [x1]
      {0xa9400c00, "x3:8 = [x0+0x8]:8; x0:8 = [x0]:8"},        // ldp x0, x3, [x0]
      {0x29400c20, "x0:4 = [x1]:4; x3:4 = [x1+0x4]:4"},        // ldp w0, w3, [x1]
      {0x69400c20, "unknown x0 x3"},                           // ldpsw
      {0xa9bf7bfd, "sp:8 = &[sp-0x10]:8; [sp]:8 = x29:8; [sp+0x8]:8 = x30:8"},  // stp !
      {0xa8c17bfd, "x29:8 = [sp]:8; x30:8 = [sp+0x8]:8; sp:8 = &[sp+0x10]:8"},  // ldp, post
      {0xad0107e0, "[sp+0x20]:16 = v0:16; [sp+0x30]:16 = v1:16"},  // stp q0, q1, [sp, #32]
      // Vectors.
      {0x3d8003e0, "[sp]:16 = v0:16"},     // str q0, [sp]
      {0xfd4003e0, "v0:8 = [sp]:8"},       // ldr d0, [sp]
      {0x9e660020, "unknown x0 v0"},       // fmov x0, d1
      {0x4c9f7820, "unknown x1 [x1]:64"},  // st1 {v0.4s}, [x1], #16
      // Exclusive, ordered, atomic.
      {0xc85ffc9b, "unknown x27"},            // ldaxr x27, [x4]
      {0xc81bfc85, "unknown x27 [x4]:16"},    // stlxr w27, x5, [x4]
      {0x88dffc85, "unknown x5"},             // ldar w5, [x4]
      {0x889ffc85, "unknown [x4]:16"},        // stlr w5, [x4]
      {0x88fbfc85, "unknown x27 [x4]:16"},    // casal w27, w5, [x4]
      {0x48627c84, "unknown x2 x3 [x4]:16"},  // caspa x2, x3, x4, x5, [x4]
      {0xb8e50083, "unknown x3 [x4]:4"},      // ldaddal w5, w3, [x4]
      {0xf8e58083, "unknown x3 [x4]:8"},      // swpal x5, x3, [x4]
      {0xf83f9083, "anything"},               // st64b
      // The rest.
      {0xd503201f, "nothing"},              // nop
      {0xd503233f, "unknown x16 x17 x30"},  // paciasp
      {0xd5033bbf, "nothing"},              // dmb ish
      {0xd53bd041, "unknown x1"},           // mrs x1, tpidr_el0
      {0xd50b7421, "anything"},             // dc zva, x1
      {0xd4000001, "anything"},             // svc #0
      {0x04205000, "anything"},             // SVE
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Effects(test.word), test.effects) << fmt::format("{:#010x}", test.word);
  }
}

TEST(Arm64DecoderTest, Flow) {
  struct {
    std::uint32_t word;
    FlowKind flow;
    Condition condition;
    std::int64_t target;
  } const cases[] = {
      {0x14000004, FlowKind::kJump, Condition::kNone, 0x14},            // b
      {0x17fffffe, FlowKind::kJump, Condition::kNone, -4},              // b backwards
      {0x94000004, FlowKind::kCall, Condition::kNone, 0x14},            // bl
      {0x54000080, FlowKind::kBranch, Condition::kEqual, 0x14},         // b.eq
      {0x54ffffc1, FlowKind::kBranch, Condition::kNotEqual, -4},        // b.ne
      {0x54000082, FlowKind::kBranch, Condition::kUnsigned, 0x14},      // b.hs
      {0x54000083, FlowKind::kBranch, Condition::kUnsigned, 0x14},      // b.lo
      {0x54000088, FlowKind::kBranch, Condition::kUnsigned, 0x14},      // b.hi
      {0x54000089, FlowKind::kBranch, Condition::kBelowOrEqual, 0x14},  // b.ls
      {0x5400008d, FlowKind::kBranch, Condition::kOther, 0x14},         // b.le
      {0xb4000080, FlowKind::kBranch, Condition::kEqual, 0x14},         // cbz x0
      {0x35000080, FlowKind::kBranch, Condition::kNotEqual, 0x14},      // cbnz w0
      {0xb6000080, FlowKind::kBranch, Condition::kOther, 0x14},         // tbz x0, #32
      {0xd63f0000, FlowKind::kCallIndirect, Condition::kNone, 0},       // blr x0
      {0xd61f0000, FlowKind::kJumpIndirect, Condition::kNone, 0},       // br x0
      {0xd65f03c0, FlowKind::kReturn, Condition::kNone, 0},             // ret
      {0xd65f0020, FlowKind::kJumpIndirect, Condition::kNone, 0},       // ret x1
      {0x54000090, FlowKind::kJumpIndirect, Condition::kNone, 0},       // bc.eq (Armv8.8)
      {0xd4200020, FlowKind::kTrap, Condition::kNone, 0},               // brk #1
      {0x00000001, FlowKind::kTrap, Condition::kNone, 0},               // udf #1
  };
  for (const auto& test : cases) {
    std::vector<Instruction> code;
    LiftArm64(test.word, kTestAddress, 4, code);
    const auto where = fmt::format("{:#010x}", test.word);
    ASSERT_EQ(code.size(), 1U) << where;
    EXPECT_EQ(code[0].flow, test.flow) << where;
    EXPECT_EQ(code[0].condition, test.condition) << where;
    if (test.target != 0) {
      EXPECT_EQ(code[0].target, test.target) << where;
    }
  }
}

TEST(Arm64DecoderTest, ComparisonsWithZero) {
  struct {
    std::uint32_t word;
    bool compares;
  } const cases[] = {
      {0xf100003f, true},   // cmp x1, #0
      {0xeb1f003f, true},   // cmp x1, xzr
      {0xea01003f, true},   // tst x1, x1
      {0xb4000081, true},   // cbz x1
      {0xb5000081, true},   // cbnz x1
      {0x7100003f, false},  // cmp w1, #0: only the lower half
      {0x34000081, false},  // cbz w1
      {0xb100003f, false},  // cmn x1, #0
      {0xf100043f, false},  // cmp x1, #1
      {0xea02003f, false},  // tst x1, x2
      {0xf10003ff, false},  // cmp sp, #0
      {0xb400009f, false},  // cbz xzr
  };
  for (const auto& test : cases) {
    std::vector<Instruction> code;
    LiftArm64(test.word, kTestAddress, 0, code);
    EXPECT_EQ(code[0].compares_with_zero, test.compares) << fmt::format("{:#010x}", test.word);
    if (!test.compares) continue;
    EXPECT_EQ(code[0].operands[0].reg, 1) << fmt::format("{:#010x}", test.word);
  }
}

TEST(Arm64DecoderTest, SimulatedInstructions) {
  for (const std::uint32_t word :
       {0x14000004U, 0x94000004U, 0x54000080U, 0xb4000080U, 0x35000080U, 0xb6000080U, 0xd63f0000U,
        0xd65f03c0U, 0x10000041U, 0xb0000001U}) {
    const auto code = DecodeWords({word});
    ASSERT_TRUE(code);
    EXPECT_TRUE(code->front().emulated) << code->front().text;
  }
  for (const std::uint32_t word : {0xd503201fU,     // nop: by newer kernels only
                                   0x58000041U,     // ldr of a literal: wrongly, or not at all
                                   0xf9403fe0U,     // ldr
                                   0x910143e4U,     // add
                                   0xd4200020U}) {  // brk
    const auto code = DecodeWords({word});
    ASSERT_TRUE(code);
    EXPECT_FALSE(code->front().emulated) << code->front().text;
  }
}

// A probe there would lose the exclusive monitor at each hit, and the loop would never end.
TEST(Arm64DecoderTest, NoSiteBetweenExclusiveLoadAndStore) {
  // ldaxr w27,[x4]; cmp w27,wzr; b.ne +0xc; stlxr w27,w5,[x4]; cbnz x27,+0
  const auto code = DecodeWords({0x885ffc9b, 0x6b1f037f, 0x54000041, 0x881bfc85, 0xb5ffff9b});
  ASSERT_TRUE(code);
  ASSERT_EQ(code->size(), 5U);
  EXPECT_EQ((*code)[2].flow, FlowKind::kBranch);
  EXPECT_FALSE((*code)[2].emulated);
  EXPECT_TRUE((*code)[4].emulated);
}

// Capstone 4 doesn't know these, and each mutex of Go 1.17 and newer has one.
TEST(Arm64DecoderTest, AtomicsOfArmv81HaveTexts) {
  EXPECT_EQ(AtomicText(0x88fbfc85), "casal w27, w5, [x4]");
  EXPECT_EQ(AtomicText(0xc8a57fe3), "cas x5, x3, [sp]");
  EXPECT_EQ(AtomicText(0x08fbfc85), "casalb w27, w5, [x4]");
  EXPECT_EQ(AtomicText(0xb8e50083), "ldaddal w5, w3, [x4]");
  EXPECT_EQ(AtomicText(0xf8e58083), "swpal x5, x3, [x4]");
  EXPECT_EQ(AtomicText(0x3825309f), "ldsetb w5, wzr, [x4]");
  EXPECT_EQ(AtomicText(0xf9403fe0), std::nullopt);  // ldr
  EXPECT_EQ(AtomicText(0xf83f9083), std::nullopt);  // st64b
  const auto code = DecodeWords({0x88fbfc85, 0xd65f03c0});
  ASSERT_TRUE(code);
  EXPECT_EQ(code->front().text, "casal w27, w5, [x4]");
}

TEST(Arm64DecoderTest, ManyEffectsShareOnePlace) {
  const auto code = DecodeWords({0xd503201f, 0xa9bf7bfd, 0xd65f03c0});
  ASSERT_TRUE(code);
  ASSERT_EQ(code->size(), 5U);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ((*code)[i].offset, 4U);
    EXPECT_EQ((*code)[i].size, 4U);
    EXPECT_EQ((*code)[i].text, "stp x29, x30, [sp, #-0x10]!");
  }
  EXPECT_EQ((*code)[4].offset, 8U);
}

TEST(Arm64DecoderTest, PaddingIsNotCode) {
  EXPECT_EQ(DecodeWords({0xd65f03c0, 0, 0})->size(), 1U);
  EXPECT_EQ(DecodeWords({0, 0})->size(), 0U);
  EXPECT_EQ(DecodeWords({})->size(), 0U);
}

TEST(Arm64DecoderTest, UndecodableWordIsNamed) {
  const auto code = DecodeWords({0xd503201f, 0xd503201f, 0xffffffff, 0xd65f03c0});
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, ErrorKind::kTarget);
  EXPECT_EQ(code.error().what, "undecodable instruction at +0x8");
  EXPECT_EQ(DecodeWords({0xd503201f, 0xd503201f, 0xffffffff}, 2)->size(), 2U);
}

TEST(Arm64DecoderTest, PartOfAWordIsNamed) {
  const TestFunction function("c0035fd6c003");
  const auto decoder = MakeDecoder(Arch::kArm64);
  const auto code = (*decoder)->Decode(*function, 10);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().what, "undecodable instruction at +0x4");
}

// Whatever the bits are, lifting says something, and within bounds.
TEST(Arm64DecoderTest, AnyWordCanBeLifted) {
  std::uint32_t word = 1;
  std::vector<Instruction> code;
  for (int i = 0; i < 20'000; ++i) {
    word = word * 1664525 + 1013904223;
    code.clear();
    LiftArm64(word ^ word >> 13, kTestAddress, 0, code);
    ASSERT_GE(code.size(), 1U);
    ASSERT_LE(code.size(), 4U);
    for (const Instruction& at : code) {
      for (const Operand& operand : at.operands) {
        ASSERT_TRUE(operand.reg == kNoRegister ||
                    operand.reg < kGeneralRegisters + kVectorRegisters);
      }
    }
  }
}

}  // namespace
}  // namespace gotls
