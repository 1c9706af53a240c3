#include "plan/decoder.h"

#include <gtest/gtest.h>

#include "plan/test_code.h"

namespace gotls {
namespace {

Result<std::vector<Instruction>> DecodeAll(std::string_view hex, std::size_t limit = 1000) {
  const TestFunction function(hex);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  return (*decoder)->Decode(*function, limit);
}

Instruction DecodeOne(std::string_view hex) {
  const auto code = DecodeAll(hex);
  EXPECT_TRUE(code) << hex;
  EXPECT_EQ(code->size(), 1U) << hex;
  return code->empty() ? Instruction{} : code->front();
}

TEST(DecoderTest, EmulatedInstructions) {
  for (const char* hex : {"7410",          // je rel8
                          "0f8410000000",  // je rel32
                          "eb10",          // jmp rel8
                          "e910000000",    // jmp rel32
                          "e810000000",    // call rel32
                          "55",            // push rbp
                          "4154",          // push r12
                          "90"}) {         // nop
    EXPECT_TRUE(DecodeOne(hex).emulated) << hex;
  }
  for (const char* hex : {"c3",           // ret
                          "6690",         // xchg ax,ax
                          "0f1f00",       // nop [rax]
                          "4889c3",       // mov rbx,rax
                          "ffd0",         // call rax
                          "6a01",         // push 1
                          "4855",         // push rbp with REX.W
                          "3e7410",       // je with a branch hint
                          "4883ec18",     // sub rsp,0x18
                          "493b6610"}) {  // cmp rsp,[r14+0x10]
    EXPECT_FALSE(DecodeOne(hex).emulated) << hex;
  }
}

TEST(DecoderTest, TargetsAreOffsetsInTheFunction) {
  const auto code = DecodeAll("90e8f20f0000ebf80f8710000000");
  ASSERT_TRUE(code);
  ASSERT_EQ(code->size(), 4U);
  EXPECT_EQ((*code)[1].flow, FlowKind::kCall);
  EXPECT_EQ((*code)[1].target, 0xff8);
  EXPECT_EQ((*code)[2].flow, FlowKind::kJump);
  EXPECT_EQ((*code)[2].target, 0);
  EXPECT_EQ((*code)[3].flow, FlowKind::kBranch);
  EXPECT_EQ((*code)[3].condition, Condition::kUnsigned);
  EXPECT_EQ((*code)[3].target, 0x1e);
}

TEST(DecoderTest, TheStackChecksBranchHasAConditionOfItsOwn) {
  for (const char* jbe : {"7610", "0f8610000000"}) {
    EXPECT_EQ(DecodeOne(jbe).condition, Condition::kBelowOrEqual) << jbe;
  }
  for (const char* other : {"7210", "7310", "7710"}) {
    EXPECT_EQ(DecodeOne(other).condition, Condition::kUnsigned) << other;
  }
}

TEST(DecoderTest, TextIsIntelSyntax) { EXPECT_EQ(DecodeOne("4889c3").text, "mov rbx, rax"); }

TEST(DecoderTest, PaddingIsNotCode) {
  EXPECT_EQ(DecodeAll("c3cccccc")->size(), 1U);
  EXPECT_EQ(DecodeAll("c30000000000")->size(), 1U);
  EXPECT_EQ(DecodeAll("cccc")->size(), 0U);
  EXPECT_EQ(DecodeAll("")->size(), 0U);
  // The zeros at the end of this one belong to the instruction.
  EXPECT_EQ(DecodeAll("e810000000cc")->size(), 1U);
}

TEST(DecoderTest, UndecodableByteIsNamed) {
  const auto code = DecodeAll("90900690c3");  // push es, which 64-bit mode doesn't have
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, ErrorKind::kTarget);
  EXPECT_EQ(code.error().what, "undecodable instruction at +0x2");
}

TEST(DecoderTest, LimitStopsBeforeBadBytes) { EXPECT_EQ(DecodeAll("909006", 2)->size(), 2U); }

TEST(DecoderTest, TooLargeFunction) {
  const TestFunction function(std::vector<std::byte>(kMaxFunctionBytes + 1, std::byte{0x90}),
                              "crypto/tls.(*Conn).Read");
  const auto decoder = MakeDecoder(Arch::kAmd64);
  EXPECT_FALSE((*decoder)->Decode(*function, 10));
}

// What an instruction of no special kind writes must be in `written`, whatever Capstone's tables
// say.
TEST(DecoderTest, WrittenRegisters) {
  struct {
    const char* hex;
    std::uint32_t least;
  } const cases[] = {
      {"f00fb10b", 1U << 0},              // lock cmpxchg [rbx],ecx
      {"4887c3", 1U << 0 | 1U << 3},      // xchg rbx,rax
      {"f0480fc103", 1U << 0},            // lock xadd [rbx],rax
      {"480fc1c3", 1U << 0 | 1U << 3},    // xadd rbx,rax
      {"48f7e3", 1U << 0 | 1U << 2},      // mul rbx
      {"48f7fb", 1U << 0 | 1U << 2},      // idiv rbx
      {"4899", 1U << 2},                  // cqo
      {"48c1e004", 1U << 0},              // shl rax,4
      {"0f94c2", 1U << 2},                // sete dl
      {"480fbec3", 1U << 0},              // movsx rax,bl
      {"c4e2f3f6c2", 1U << 0 | 1U << 1},  // mulx rax,rcx,rdx
      {"480fc8", 1U << 0},                // bswap rax
      {"0f31", 1U << 0 | 1U << 2},        // rdtsc
      {"66480f7ec0", 1U << 0},            // movq rax,xmm0
      {"c9", 1U << 4 | 1U << 5},          // leave
      {"9d", 1U << 4},                    // popfq
  };
  for (const auto& test : cases) {
    const Instruction at = DecodeOne(test.hex);
    EXPECT_EQ(at.operation, Operation::kOther) << at.text;
    EXPECT_EQ(at.written & test.least, test.least) << at.text;
  }
}

TEST(DecoderTest, Operations) {
  EXPECT_EQ(DecodeOne("6690").operation, Operation::kNone);
  EXPECT_EQ(DecodeOne("f348ab").operation, Operation::kHavoc);  // rep stosq
  EXPECT_EQ(DecodeOne("f3a4").operation, Operation::kHavoc);    // rep movsb
  EXPECT_EQ(DecodeOne("0fa2").operation, Operation::kHavoc);    // cpuid
  EXPECT_EQ(DecodeOne("0f57c0").operation, Operation::kVectorZero);
  EXPECT_EQ(DecodeOne("0f57c1").operation, Operation::kOther);  // xorps xmm0,xmm1
  EXPECT_EQ(DecodeOne("440f117c2438").operation, Operation::kVectorMove);
  EXPECT_EQ(DecodeOne("4c0f4dc0").operation, Operation::kConditionalMove);
  EXPECT_EQ(DecodeOne("0f0b").flow, FlowKind::kTrap);
  EXPECT_EQ(DecodeOne("ff20").flow, FlowKind::kJumpIndirect);
  EXPECT_EQ(DecodeOne("e2fe").flow, FlowKind::kJumpIndirect);  // loop: changes rcx, refused
  EXPECT_TRUE(DecodeOne("4885db").compares_with_zero);
  EXPECT_FALSE(DecodeOne("85db").compares_with_zero);    // only the lower half
  EXPECT_FALSE(DecodeOne("4885d8").compares_with_zero);  // test rax,rbx
  EXPECT_TRUE(DecodeOne("88e0").operands[1].high_byte);  // mov al,ah
}

TEST(DecoderTest, MemoryOperands) {
  const Operand stack = DecodeOne("488b442478").operands[1];  // mov rax,[rsp+0x78]
  EXPECT_EQ(stack.kind, OperandKind::kMemory);
  EXPECT_EQ(stack.width, 8);
  EXPECT_EQ(stack.memory.base, amd64::kRsp);
  EXPECT_EQ(stack.memory.index, kNoRegister);
  EXPECT_EQ(stack.memory.displacement, 0x78);
  const Operand absolute = DecodeOne("488b0d10000000").operands[1];  // mov rcx,[rip+0x10]
  EXPECT_TRUE(absolute.memory.absolute);
  EXPECT_EQ(absolute.memory.displacement, static_cast<std::int64_t>(kTestAddress + 7 + 0x10));
  const Operand tls = DecodeOne("64488b0c25f8ffffff").operands[1];  // mov rcx,fs:-8
  EXPECT_TRUE(tls.memory.is_thread_local);
  EXPECT_EQ(tls.memory.displacement, -8);
}

}  // namespace
}  // namespace gotls
