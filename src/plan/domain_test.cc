#include "plan/domain.h"

#include <gtest/gtest.h>

#include <limits>

namespace gotls {
namespace {

AbstractValue Range(Symbol symbol, std::int64_t low, std::int64_t high) {
  return {low, high, symbol, false};
}

TEST(DomainTest, JoinKeepsWhatBothKnow) {
  EXPECT_EQ(Join(AbstractValue::Of(kPointer), AbstractValue::Of(kPointer)),
            AbstractValue::Of(kPointer));
  EXPECT_EQ(Join(AbstractValue::Of(kPointer), AbstractValue::Of(kPointer, 1)),
            Range(kPointer, 0, 1));
  EXPECT_EQ(Join(Range(kPointer, 0, 1), AbstractValue::Of(kPointer)), Range(kPointer, 0, 1));
  EXPECT_FALSE(Join(AbstractValue::Of(kPointer), AbstractValue::Of(kLength)).known());
  EXPECT_FALSE(Join(AbstractValue::Of(kPointer), {}).known());
  EXPECT_FALSE(Join(AbstractValue::Of(kPointer), AbstractValue::Of(kPointer, 17)).known());
}

TEST(DomainTest, JoinKeepsNotZeroOnlyOfBoth) {
  AbstractValue checked;
  checked.not_zero = true;
  EXPECT_TRUE(Join(checked, AbstractValue::Number(3)).IsNonZero());
  EXPECT_FALSE(Join(checked, AbstractValue::Number(0)).IsNonZero());
  EXPECT_FALSE(Join(checked, {}).IsNonZero());
}

TEST(DomainTest, Sums) {
  const AbstractValue pointer = AbstractValue::Of(kPointer);
  EXPECT_TRUE(Add(pointer, AbstractValue::Number(8)).Is(kPointer, 8));
  EXPECT_TRUE(Add(AbstractValue::Number(8), pointer).Is(kPointer, 8));
  EXPECT_TRUE(Subtract(pointer, AbstractValue::Number(8)).Is(kPointer, -8));
  EXPECT_EQ(Add(pointer, Range(kNumber, 0, 1)), Range(kPointer, 0, 1));
  EXPECT_EQ(Subtract(pointer, Range(kNumber, 0, 1)), Range(kPointer, -1, 0));
  EXPECT_FALSE(Add(pointer, AbstractValue::Of(kLength)).known());
  EXPECT_FALSE(Subtract(AbstractValue::Number(8), pointer).known());
  EXPECT_FALSE(Subtract(pointer, pointer).known());
}

TEST(DomainTest, SumsDoNotOverflow) {
  const auto huge = AbstractValue::Number(std::numeric_limits<std::int64_t>::max());
  const auto least = AbstractValue::Number(std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(Add(huge, huge).known());
  EXPECT_FALSE(Subtract(least, huge).known());
  EXPECT_FALSE(Subtract(AbstractValue::Number(0), least).known());
  EXPECT_FALSE(Join(huge, least).known());
}

TEST(DomainTest, Truncation) {
  EXPECT_TRUE(Truncate(AbstractValue::Number(-1), 4).Is(kNumber, 0xffffffff));
  EXPECT_TRUE(Truncate(AbstractValue::Number(0x1234), 1).Is(kNumber, 0x34));
  EXPECT_TRUE(Truncate(AbstractValue::Of(kPointer), 8).Is(kPointer));
  EXPECT_FALSE(Truncate(AbstractValue::Of(kPointer), 4).known());
}

MachineState State(const AbstractValue& rax, const StackSlot& slot) {
  MachineState state;
  state.registers[0] = rax;
  state.slots = {slot};
  return state;
}

TEST(DomainTest, StatesJoinEachPlace) {
  const StackSlot slot{AbstractValue::Of(kLength), 8};
  MachineState into = State(AbstractValue::Of(kPointer), slot);
  EXPECT_FALSE(JoinInto(into, State(AbstractValue::Of(kPointer), slot), false));
  EXPECT_TRUE(JoinInto(into, State(AbstractValue::Of(kPointer, 1), slot), false));
  EXPECT_EQ(into.registers[0], Range(kPointer, 0, 1));
  EXPECT_EQ(into.slots[0], slot);
  EXPECT_FALSE(JoinInto(into, State(AbstractValue::Of(kPointer), slot), false));
}

TEST(DomainTest, SlotsOfDifferentWidthAreUnknown) {
  MachineState into = State({}, {AbstractValue::Number(1), 8});
  EXPECT_TRUE(JoinInto(into, State({}, {AbstractValue::Number(1), 1}), false));
  EXPECT_EQ(into.slots[0], StackSlot{});
  EXPECT_FALSE(JoinInto(into, State({}, {AbstractValue::Number(1), 1}), false));
}

TEST(DomainTest, WideningGivesUpAtOnce) {
  MachineState into = State(AbstractValue::Of(kPointer), {});
  EXPECT_TRUE(JoinInto(into, State(AbstractValue::Of(kPointer, 1), {}), true));
  EXPECT_FALSE(into.registers[0].known());
}

TEST(DomainTest, ZeroVectorsMustBeZeroInBoth) {
  MachineState into;
  into.zero_vectors = 0x8001;
  MachineState from;
  from.zero_vectors = 0x8000;
  EXPECT_TRUE(JoinInto(into, from, false));
  EXPECT_EQ(into.zero_vectors, 0x8000);
}

}  // namespace
}  // namespace gotls
