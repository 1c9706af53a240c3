#include <gtest/gtest.h>

#include "plan/analysis.h"
#include "plan/test_code.h"

namespace gotls {
namespace {

// A local lives through a call.
constexpr std::string_view kSpillAndReload =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "e8f20f0000"  // +0x9 call handshake
    "488b442420"  // +0xe mov rax,[rsp+0x20]
    "4883c438"    // +0x13 add rsp,0x38
    "c3";         // +0x17 ret

// A register does not.
constexpr std::string_view kRegisterLost =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889c2"      // +0x4 mov rdx,rax
    "e8f40f0000"  // +0x7 call handshake
    "4889d0"      // +0xc mov rax,rdx
    "4883c438"    // +0xf add rsp,0x38
    "c3";         // +0x13 ret

// An argument of one call, then a result of another, in the same slot: nothing proves it to be a
// local.
constexpr std::string_view kArgumentThenResult =
    "4883ec38"    // +0x0 sub rsp,0x38
    "48890424"    // +0x4 mov [rsp],rax
    "e8f30f0000"  // +0x8 call handshake
    "e8ee2f0000"  // +0xd call memmove
    "488b0424"    // +0x12 mov rax,[rsp]
    "4883c438"    // +0x16 add rsp,0x38
    "c3";         // +0x1a ret

// [rsp+0x20] is a local, [rsp+8] below it need not be one.
constexpr std::string_view kBelowLowestLocal =
    "4883ec38"    // +0x0 sub rsp,0x38
    "48895c2420"  // +0x4 mov [rsp+0x20],rbx
    "4889442408"  // +0x9 mov [rsp+0x8],rax
    "e8ed0f0000"  // +0xe call handshake
    "488b5c2420"  // +0x13 mov rbx,[rsp+0x20]
    "e8e32f0000"  // +0x18 call memmove
    "488b442408"  // +0x1d mov rax,[rsp+0x8]
    "4883c438"    // +0x22 add rsp,0x38
    "c3";         // +0x26 ret

// The callee gets the address of an object that may reach up to the slot.
constexpr std::string_view kAddressTaken =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "488d5c2418"  // +0x9 lea rbx,[rsp+0x18]
    "e8ed0f0000"  // +0xe call handshake
    "488b442420"  // +0x13 mov rax,[rsp+0x20]
    "4883c438"    // +0x18 add rsp,0x38
    "c3";         // +0x1c ret

// The object lies above the slot.
constexpr std::string_view kAddressTakenAbove =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "488d5c2428"  // +0x9 lea rbx,[rsp+0x28]
    "e8ed0f0000"  // +0xe call handshake
    "488b442420"  // +0x13 mov rax,[rsp+0x20]
    "4883c438"    // +0x18 add rsp,0x38
    "c3";         // +0x1c ret

// A store through a pointer of unknown origin may hit an object whose address was taken...
constexpr std::string_view kStoreThroughPointer =
    "4883ec38"        // +0x0 sub rsp,0x38
    "4889442420"      // +0x4 mov [rsp+0x20],rax
    "488d542418"      // +0x9 lea rdx,[rsp+0x18]
    "488bb200010000"  // +0xe mov rsi,[rdx+0x100]
    "48893e"          // +0x15 mov [rsi],rdi
    "488b442420"      // +0x18 mov rax,[rsp+0x20]
    "4883c438"        // +0x1d add rsp,0x38
    "c3";             // +0x21 ret

// ...and nothing else of the frame.
constexpr std::string_view kStoreElsewhere =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "488b33"      // +0x9 mov rsi,[rbx]
    "48893e"      // +0xc mov [rsi],rdi
    "488b442420"  // +0xf mov rax,[rsp+0x20]
    "4883c438"    // +0x14 add rsp,0x38
    "c3";         // +0x18 ret

// The object whose address was taken turns out to be a closure, as a deferred call makes it: nobody
// writes to it.
constexpr std::string_view kClosure =
    "4883ec38"        // +0x0 sub rsp,0x38
    "4889442430"      // +0x4 mov [rsp+0x30],rax
    "488d1500010000"  // +0x9 lea rdx,[rip+0x100]
    "4889542418"      // +0x10 mov [rsp+0x18],rdx
    "488d542418"      // +0x15 lea rdx,[rsp+0x18]
    "4889542428"      // +0x1a mov [rsp+0x28],rdx
    "e8dc0f0000"      // +0x1f call handshake
    "488b542428"      // +0x24 mov rdx,[rsp+0x28]
    "488b02"          // +0x29 mov rax,[rdx]
    "ffd0"            // +0x2c call rax
    "488b442430"      // +0x2e mov rax,[rsp+0x30]
    "4883c438"        // +0x33 add rsp,0x38
    "c3";             // +0x37 ret

constexpr std::string_view kPushPop =
    "50"   // +0x0 push rax
    "53"   // +0x1 push rbx
    "59"   // +0x2 pop rcx
    "58"   // +0x3 pop rax
    "c3";  // +0x4 ret

// Behind the end of the frame its slots belong to others.
constexpr std::string_view kBelowStack =
    "4883ec18"    // +0x0 sub rsp,0x18
    "4889442408"  // +0x4 mov [rsp+0x8],rax
    "4883c418"    // +0x9 add rsp,0x18
    "488b4424f0"  // +0xd mov rax,[rsp-0x10]
    "c3";         // +0x12 ret

constexpr std::string_view kMove32 =
    "89c0"  // +0x0 mov eax,eax
    "c3";   // +0x2 ret

constexpr std::string_view kConstant32 =
    "b8ffffffff"  // +0x0 mov eax,0xffffffff
    "c3";         // +0x5 ret

constexpr std::string_view kPartialWrite =
    "b017"  // +0x0 mov al,0x17
    "c3";   // +0x2 ret

constexpr std::string_view kHighByte =
    "88cc"  // +0x0 mov ah,cl
    "c3";   // +0x2 ret

constexpr std::string_view kZeroIdiom =
    "31c0"  // +0x0 xor eax,eax
    "c3";   // +0x2 ret

constexpr std::string_view kIncrement =
    "48ffc0"    // +0x0 inc rax
    "4883c002"  // +0x3 add rax,0x2
    "488d40ff"  // +0x7 lea rax,[rax-0x1]
    "4883e801"  // +0xb sub rax,0x1
    "48ffc8"    // +0xf dec rax
    "c3";       // +0x12 ret

constexpr std::string_view kConditionalMoveSame =
    "4889c2"    // +0x0 mov rdx,rax
    "480f4cc2"  // +0x3 cmovl rax,rdx
    "c3";       // +0x7 ret

constexpr std::string_view kConditionalMoveOther =
    "480f4cc3"  // +0x0 cmovl rax,rbx
    "c3";       // +0x4 ret

constexpr std::string_view kExchange =
    "4893"  // +0x0 xchg rbx,rax
    "c3";   // +0x2 ret

constexpr std::string_view kCompareExchange =
    "f00fb10b"  // +0x0 lock cmpxchg DWORD PTR [rbx],ecx
    "c3";       // +0x4 ret

// X15 holds zero.
constexpr std::string_view kVectorZero =
    "4883ec38"      // +0x0 sub rsp,0x38
    "440f117c2418"  // +0x4 movups [rsp+0x18],xmm15
    "488b442420"    // +0xa mov rax,[rsp+0x20]
    "4883c438"      // +0xf add rsp,0x38
    "c3";           // +0x13 ret

constexpr std::string_view kVectorUnknown =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "0f115c2418"  // +0x9 movups [rsp+0x18],xmm3
    "488b442420"  // +0xe mov rax,[rsp+0x20]
    "4883c438"    // +0x13 add rsp,0x38
    "c3";         // +0x17 ret

constexpr std::string_view kVectorZeroed =
    "4883ec38"    // +0x0 sub rsp,0x38
    "0f57db"      // +0x4 xorps xmm3,xmm3
    "0f115c2418"  // +0x7 movups [rsp+0x18],xmm3
    "488b442418"  // +0xc mov rax,[rsp+0x18]
    "4883c438"    // +0x11 add rsp,0x38
    "c3";         // +0x15 ret

constexpr std::string_view kByteStore =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "c644242400"  // +0x9 mov BYTE PTR [rsp+0x24],0x0
    "488b442420"  // +0xe mov rax,[rsp+0x20]
    "4883c438"    // +0x13 add rsp,0x38
    "c3";         // +0x17 ret

constexpr std::string_view kByteLoad =
    "4883ec38"    // +0x0 sub rsp,0x38
    "c644242017"  // +0x4 mov BYTE PTR [rsp+0x20],0x17
    "0fb6442420"  // +0x9 movzx eax,BYTE PTR [rsp+0x20]
    "4883c438"    // +0xe add rsp,0x38
    "c3";         // +0x12 ret

constexpr std::string_view kNarrowThenWide =
    "4883ec38"    // +0x0 sub rsp,0x38
    "c644242017"  // +0x4 mov BYTE PTR [rsp+0x20],0x17
    "488b442420"  // +0x9 mov rax,[rsp+0x20]
    "4883c438"    // +0xe add rsp,0x38
    "c3";         // +0x12 ret

constexpr std::string_view kIndexedStore =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "48895ccc08"  // +0x9 mov [rsp+rcx*8+0x8],rbx
    "488b442420"  // +0xe mov rax,[rsp+0x20]
    "4883c438"    // +0x13 add rsp,0x38
    "c3";         // +0x17 ret

constexpr std::string_view kStringStore =
    "4883ec38"    // +0x0 sub rsp,0x38
    "4889442420"  // +0x4 mov [rsp+0x20],rax
    "f348ab"      // +0x9 rep stos es:[rdi],rax
    "488b442420"  // +0xc mov rax,[rsp+0x20]
    "4883c438"    // +0x11 add rsp,0x38
    "c3";         // +0x15 ret

// c or c+1.
constexpr std::string_view kMergeOfParts =
    "4885db"  // +0x0 test rbx,rbx
    "7403"    // +0x3 je +0x8
    "48ffc0"  // +0x5 inc rax
    "c3";     // +0x8 ret

constexpr std::string_view kMergeOfOthers =
    "4885db"  // +0x0 test rbx,rbx
    "7403"    // +0x3 je +0x8
    "4889c8"  // +0x5 mov rax,rcx
    "c3";     // +0x8 ret

constexpr std::string_view kLoopOfIncrements =
    "48ffc0"  // +0x0 inc rax
    "4839c8"  // +0x3 cmp rax,rcx
    "75f8"    // +0x6 jne +0x0
    "c3";     // +0x8 ret

constexpr std::string_view kBranchNotZero =
    "4885c9"      // +0x0 test rcx,rcx
    "7404"        // +0x3 je +0x9
    "4889c8"      // +0x5 mov rax,rcx
    "c3"          // +0x8 ret
    "b801000000"  // +0x9 mov eax,0x1
    "c3";         // +0xe ret

constexpr std::string_view kBranchPerhapsZero =
    "4885c9"  // +0x0 test rcx,rcx
    "7403"    // +0x3 je +0x8
    "4889d9"  // +0x5 mov rcx,rbx
    "4889c8"  // +0x8 mov rax,rcx
    "c3";     // +0xb ret

constexpr AbstractValue kAny;

AbstractValue Range(Symbol symbol, std::int64_t low, std::int64_t high) {
  return {low, high, symbol, false};
}

struct Case {
  const char* name;
  std::string_view code;
  AbstractValue expected;  // in rax at the return
};

const Case kCases[] = {
    {"SpillAndReload", kSpillAndReload, AbstractValue::Of(kReceiver)},
    {"RegisterLost", kRegisterLost, kAny},
    {"ArgumentThenResult", kArgumentThenResult, kAny},
    {"BelowLowestLocal", kBelowLowestLocal, kAny},
    {"AddressTaken", kAddressTaken, kAny},
    {"AddressTakenAbove", kAddressTakenAbove, AbstractValue::Of(kReceiver)},
    {"StoreThroughPointer", kStoreThroughPointer, kAny},
    {"StoreElsewhere", kStoreElsewhere, AbstractValue::Of(kReceiver)},
    {"Closure", kClosure, AbstractValue::Of(kReceiver)},
    {"PushPop", kPushPop, AbstractValue::Of(kReceiver)},
    {"BelowStack", kBelowStack, kAny},
    {"Move32", kMove32, kAny},
    {"Constant32", kConstant32, AbstractValue::Number(0xffffffff)},
    {"PartialWrite", kPartialWrite, kAny},
    {"HighByte", kHighByte, kAny},
    {"ZeroIdiom", kZeroIdiom, AbstractValue::Number(0)},
    {"Increment", kIncrement, AbstractValue::Of(kReceiver)},
    {"ConditionalMoveSame", kConditionalMoveSame, AbstractValue::Of(kReceiver)},
    {"ConditionalMoveOther", kConditionalMoveOther, kAny},
    {"Exchange", kExchange, kAny},
    {"CompareExchange", kCompareExchange, kAny},
    {"VectorZero", kVectorZero, AbstractValue::Number(0)},
    {"VectorUnknown", kVectorUnknown, kAny},
    {"VectorZeroed", kVectorZeroed, AbstractValue::Number(0)},
    {"ByteStore", kByteStore, kAny},
    {"ByteLoad", kByteLoad, AbstractValue::Number(0x17)},
    {"NarrowThenWide", kNarrowThenWide, kAny},
    {"IndexedStore", kIndexedStore, kAny},
    {"StringStore", kStringStore, kAny},
    {"MergeOfParts", kMergeOfParts, Range(kReceiver, 0, 1)},
    {"MergeOfOthers", kMergeOfOthers, kAny},
    {"LoopOfIncrements", kLoopOfIncrements, kAny},
};

class InterpreterTest : public testing::TestWithParam<Case> {};

TEST_P(InterpreterTest, ResultAtReturn) {
  const TestFunction function(GetParam().code);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  ASSERT_TRUE(analysis) << analysis.error().Message();
  const auto returns = analysis->from_entry().Returns();
  ASSERT_EQ(returns.size(), 1U);
  const auto state = analysis->from_entry().Before(returns[0]);
  AbstractValue value = analysis->ResultAt(*state, 0, kReadWriteArgumentWords);
  value.not_zero = false;
  EXPECT_EQ(value.symbol, GetParam().expected.symbol);
  if (value.known()) {
    EXPECT_EQ(value.low, GetParam().expected.low);
    EXPECT_EQ(value.high, GetParam().expected.high);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, InterpreterTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

std::vector<bool> NonZeroAtReturns(std::string_view code) {
  const TestFunction function(code);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  std::vector<bool> result;
  for (const std::uint32_t at : analysis->from_entry().Returns()) {
    const auto state = analysis->from_entry().Before(at);
    result.push_back(analysis->ResultAt(*state, 0, kReadWriteArgumentWords).IsNonZero());
  }
  return result;
}

TEST(InterpreterTest, ComparisonWithZero) {
  EXPECT_EQ(NonZeroAtReturns(kBranchNotZero), (std::vector<bool>{true, true}));
  EXPECT_EQ(NonZeroAtReturns(kBranchPerhapsZero), (std::vector<bool>{false}));
}

TEST(InterpreterTest, StackAbiArguments) {
  const TestFunction function("488b442408c3");  // mov rax,[rsp+0x8]; ret
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kStack, budget);
  ASSERT_TRUE(analysis);
  const auto state = analysis->from_entry().Before(1);
  EXPECT_TRUE(state->registers[0].Is(kReceiver));
}

TEST(InterpreterTest, BudgetEndsTheWork) {
  const TestFunction function(kLoopOfIncrements);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget{.blocks_left = 5};
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  ASSERT_FALSE(analysis);
  EXPECT_EQ(analysis.error().what, "too complex to follow");
}

}  // namespace
}  // namespace gotls
