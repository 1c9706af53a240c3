#include "plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "plan/test_code.h"
#include "plan/test_read_code.h"
#include "plan/test_write_code.h"

namespace gotls {
namespace {

using testing::HasSubstr;

class PlannerTest : public testing::Test {
 protected:
  PlannerTest() {
    facts_.go_version = "go1.26.1";
    facts_.go_minor = 26;
    package_.path = "crypto/tls";
    package_.offsets.conn_input = 0x100;
    package_.functions = {*read_, *write_, *write_record_, *close_};
  }

  Result<ProbePlan> Make(PlanChoice choice = PlanChoice::kAuto) {
    return MakePlan(facts_, package_, choice);
  }

  const TestFunction read_{kRead, "crypto/tls.(*Conn).Read"};
  const TestFunction write_{kWrite, "crypto/tls.(*Conn).Write"};
  const TestFunction write_record_{kWriteRecordLocked, "crypto/tls.(*Conn).writeRecordLocked",
                                   kTestWriteRecord};
  const TestFunction close_{kRead, "crypto/tls.(*Conn).Close"};
  GoFacts facts_;
  TlsPackage package_;
};

TEST_F(PlannerTest, LeanInBothDirections) {
  const auto plan = Make();
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_EQ(plan->package, "crypto/tls");
  EXPECT_EQ(plan->abi, Abi::kRegister);
  EXPECT_EQ(plan->g.kind, GSourceKind::kRegister);
  EXPECT_EQ(plan->g.reg, 14);
  EXPECT_EQ(plan->read.kind, PlanKind::kLean);
  EXPECT_EQ(plan->write.kind, PlanKind::kLean);
  ASSERT_EQ(plan->lifecycle.size(), 2U);
  EXPECT_EQ(plan->lifecycle[0].kind, SiteKind::kClose);
  EXPECT_EQ(plan->lifecycle[0].function_offset, 4U);
  EXPECT_EQ(plan->lifecycle[0].cost, SiteCost::kEmulated);
  EXPECT_EQ(plan->lifecycle[0].conn, (Place{PlaceKind::kRegister, 0, 0}));
  EXPECT_EQ(plan->lifecycle[1].kind, SiteKind::kNotSent);
  EXPECT_THAT(plan->lifecycle_reason, HasSubstr("no (*Conn).clientHandshake in the program"));
}

TEST_F(PlannerTest, ClassicAsAskedFor) {
  const auto plan = Make(PlanChoice::kClassic);
  ASSERT_TRUE(plan);
  for (const DirectionPlan* direction : {&plan->read, &plan->write}) {
    EXPECT_EQ(direction->kind, PlanKind::kClassic);
    EXPECT_EQ(direction->reason, "entry and all returns; as asked for");
  }
  ASSERT_EQ(plan->read.sites.size(), 3U);
  const Site& entry = plan->read.sites[0];
  EXPECT_EQ(entry.kind, SiteKind::kEntry);
  EXPECT_EQ(entry.function_offset, 0U);
  EXPECT_EQ(entry.cost, SiteCost::kSingleStepped);
  EXPECT_EQ(entry.conn, (Place{PlaceKind::kRegister, 0, 0}));
  EXPECT_EQ(entry.data, (Place{PlaceKind::kRegister, 3, 0}));
  EXPECT_EQ(entry.length, (Place{PlaceKind::kRegister, 1, 0}));
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(plan->read.sites[i].kind, SiteKind::kReturn);
    EXPECT_EQ(plan->read.sites[i].length, (Place{PlaceKind::kRegister, 0, 0}));
  }
  // Its result says how much was accepted.
  for (const Site& site : plan->lifecycle) EXPECT_NE(site.kind, SiteKind::kNotSent);
}

// A wrapper with a copy of Write, as utls' UConn.
TEST_F(PlannerTest, WritesOfAWrapper) {
  const TestFunction wrapped(kWrite, "crypto/tls.(*UConn).Write");
  const TestFunction handshake(kRead, "crypto/tls.(*UConn).clientHandshake");
  package_.functions.push_back(*wrapped);
  package_.functions.push_back(*handshake);
  const std::size_t own = Make()->write.sites.size();
  package_.wrappers = {{"UConn", 16}, {"Other", 0}};
  const auto plan = Make();
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_EQ(plan->write.kind, PlanKind::kLean);
  ASSERT_EQ(plan->write.sites.size(), 2 * own);
  EXPECT_EQ(plan->write.sites.back().function, "crypto/tls.(*UConn).Write");
  // At the call the receiver is the Conn already; at the head it is in the wrapper.
  EXPECT_EQ(plan->write.sites.back().conn, (Place{PlaceKind::kRegister, 0, 0}));
  EXPECT_TRUE(plan->every_handshake);
  EXPECT_EQ(plan->lifecycle[1].conn, (Place{PlaceKind::kMemory, 0, 16}));
  EXPECT_EQ(ToString(plan->lifecycle[1].conn, Arch::kAmd64), "[rax+0x10]");

  const auto classic = Make(PlanChoice::kClassic);
  ASSERT_TRUE(classic) << classic.error().Message();
  std::vector<Place> entries;
  for (const Site& site : classic->write.sites) {
    if (site.kind == SiteKind::kEntry) entries.push_back(site.conn);
  }
  EXPECT_EQ(entries,
            (std::vector<Place>{{PlaceKind::kRegister, 0, 0}, {PlaceKind::kMemory, 0, 16}}));
}

TEST_F(PlannerTest, WriteOfAWrapperThatCallsConns) {
  const TestFunction promoted(kRead, "crypto/tls.(*UConn).Write");
  const std::size_t own = Make()->write.sites.size();
  package_.functions.push_back(*promoted);
  package_.wrappers = {{"UConn", 16}};
  EXPECT_EQ(Make()->write.sites.size(), own);
}

// Streams of quic-go: functions of the same form under other names.
class QuicPlannerTest : public PlannerTest {
 protected:
  void Use(const std::string& receive, const std::string& send) {
    package_.kind = PackageKind::kQuic;
    package_.path = "github.com/quic-go/quic-go";
    for (const auto& [type, method] :
         {std::pair(receive, "Read"), {receive, "CancelRead"}, {send, "Write"}, {send, "Close"}}) {
      own_.push_back(std::make_unique<TestFunction>(
          kRead, package_.path + ".(*" + type + ")." + std::string(method)));
    }
    package_.functions.clear();
    for (const auto& function : own_) package_.functions.push_back(**function);
  }

  std::vector<std::unique_ptr<TestFunction>> own_;
};

TEST_F(QuicPlannerTest, LeanSitesAreBehindTheLock) {
  for (const auto& [receive, send] :
       {std::pair("receiveStream", "sendStream"), {"ReceiveStream", "SendStream"}}) {
    Use(receive, send);
    const auto plan = Make();
    ASSERT_TRUE(plan) << plan.error().Message();
    EXPECT_EQ(plan->read.kind, PlanKind::kLean) << plan->read.reason;
    EXPECT_EQ(plan->write.kind, PlanKind::kLean) << plan->write.reason;
    EXPECT_EQ(plan->write.direction, Direction::kWrite);
    EXPECT_FALSE(plan->read.locked);
    EXPECT_FALSE(plan->write.locked);
    ASSERT_EQ(plan->lifecycle.size(), 2U) << plan->lifecycle_reason;
    for (const Site& site : plan->lifecycle) EXPECT_EQ(site.kind, SiteKind::kClose);
    EXPECT_FALSE(plan->every_handshake);
    EXPECT_FALSE(plan->secrets.site.has_value());
    own_.clear();
  }
}

TEST_F(QuicPlannerTest, Classic) {
  Use("receiveStream", "sendStream");
  const auto plan = Make(PlanChoice::kClassic);
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_EQ(plan->write.direction, Direction::kWrite);
  EXPECT_EQ(plan->write.sites[0].kind, SiteKind::kEntry);
  EXPECT_EQ(plan->write.sites[0].conn, (Place{PlaceKind::kRegister, 0, 0}));
}

TEST_F(QuicPlannerTest, MissingFunction) {
  Use("receiveStream", "sendStream");
  std::erase_if(package_.functions,
                [](const Function& function) { return function.name.ends_with("Write"); });
  const auto plan = Make();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().what, "no (*sendStream).Write in the program");
}

TEST_F(PlannerTest, ClassicWhereNothingIsProved) {
  const TestFunction read(kReadUncovered, "crypto/tls.(*Conn).Read");
  package_.functions[0] = *read;
  const auto plan = Make();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->read.kind, PlanKind::kClassic);
  EXPECT_THAT(plan->read.reason, HasSubstr("no lean plan: "));
  EXPECT_EQ(plan->write.kind, PlanKind::kLean);

  const auto lean = Make(PlanChoice::kLean);
  ASSERT_FALSE(lean);
  EXPECT_EQ(lean.error().kind, ErrorKind::kTarget);
  EXPECT_EQ(lean.error().where, "crypto/tls.(*Conn).Read");
}

TEST_F(PlannerTest, StackAbi) {
  facts_.go_minor = 15;
  facts_.go_version = "go1.15.15";
  // mov rcx,fs:-8; cmp rsp,[rcx+0x10]; jbe +0x10; ret
  const TestFunction read("64488b0c25f8ffffff483b6110760190c3", "crypto/tls.(*Conn).Read");
  package_.functions = {*read, *read};
  package_.functions[1].name = "crypto/tls.(*Conn).Write";
  const auto plan = Make(PlanChoice::kClassic);
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_EQ(plan->abi, Abi::kStack);
  EXPECT_EQ(plan->g.kind, GSourceKind::kFsOffset);
  EXPECT_EQ(plan->g.offset, -8);
  const Site& entry = plan->read.sites[0];
  EXPECT_EQ(entry.conn, (Place{PlaceKind::kStack, 0, 8}));
  EXPECT_EQ(entry.data, (Place{PlaceKind::kStack, 0, 16}));
  EXPECT_EQ(entry.length, (Place{PlaceKind::kStack, 0, 24}));
  EXPECT_EQ(plan->read.sites[1].length, (Place{PlaceKind::kStack, 0, 40}));
}

TEST_F(PlannerTest, ThreadPointerOffsetFromTheGot) {
  facts_.go_minor = 15;
  // mov rcx,[rip+0x100]; mov rcx,fs:[rcx]; cmp rsp,[rcx+0x10]; ret
  const TestFunction read("488b0d0001000064488b09483b6110c3", "crypto/tls.(*Conn).Read");
  package_.functions = {*read, *read};
  package_.functions[1].name = "crypto/tls.(*Conn).Write";
  const auto plan = Make();
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_EQ(plan->g.kind, GSourceKind::kFsIndirect);
  EXPECT_EQ(plan->g.address.value, kTestAddress + 7 + 0x100);
}

TEST_F(PlannerTest, ContradictionOfCodeAndVersion) {
  facts_.go_minor = 15;
  facts_.go_version = "go1.15";
  const auto plan = Make();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::kTarget);
  EXPECT_THAT(plan.error().what, HasSubstr("unknown calling convention"));
}

TEST_F(PlannerTest, UnknownVersionIsReadOffTheCode) {
  facts_.go_minor = 0;
  facts_.go_version.clear();
  EXPECT_TRUE(Make());
}

TEST_F(PlannerTest, MissingFunction) {
  package_.functions.erase(package_.functions.begin());
  const auto plan = Make();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().what, "no (*Conn).Read in the program");
}

TEST_F(PlannerTest, CodeOfAnotherArchitecture) {
  facts_.arch = Arch::kArm64;
  const auto plan = Make();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::kTarget);
  EXPECT_EQ(plan.error().what, "unknown calling convention: no function has a stack check");
}

TEST_F(PlannerTest, UndecodableByteFailsWithItsOffset) {
  std::vector<std::byte> bytes(read_->code.begin(), read_->code.end());
  bytes[0xaf] = std::byte{0x06};
  const TestFunction read(bytes, "crypto/tls.(*Conn).Read");
  package_.functions[0] = *read;
  const auto plan = Make();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().what, "undecodable instruction at +0xaf");
}

TEST_F(PlannerTest, UnbalancedStack) {
  // cmp rsp,[r14+0x10]; push rbp; je +1; ret; nop; ret
  const TestFunction read("493b6610557401c390c3", "crypto/tls.(*Conn).Read");
  package_.functions[0] = *read;
  const auto plan = Make();
  ASSERT_TRUE(plan) << plan.error().Message();
  EXPECT_THAT(plan->read.reason, HasSubstr("the stack isn't balanced at the return at +0x"));
}

TEST_F(PlannerTest, EmptyFunction) {
  const TestFunction read("", "crypto/tls.(*Conn).Read");
  package_.functions[0] = *read;
  EXPECT_FALSE(Make());
}

// Any bytes give a plan or an error, in bounded time.
TEST_F(PlannerTest, RandomBodies) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> bytes(random() % 600);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    const TestFunction body(bytes, "crypto/tls.(*Conn).Read");
    package_.functions[0] = *body;
    (void)Make();
  }
}

// Nearly Go code: bytes of a real body exchanged, so that most of it still decodes.
TEST_F(PlannerTest, DamagedBodies) {
  std::mt19937 random(2);
  const TestFunction* const originals[] = {&read_, &write_, &write_record_};
  for (int round = 0; round < 500; ++round) {
    const std::size_t which = random() % 3;
    const Function& original = **originals[which];
    std::vector<std::byte> bytes(original.code.begin(), original.code.end());
    for (unsigned i = 0; i <= random() % 4; ++i) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    const TestFunction body(bytes, original.name);
    package_.functions = {*read_, *write_, *write_record_, *close_};
    package_.functions[which].code = body->code;
    const auto plan = Make();
    EXPECT_TRUE(plan || plan.error().kind == ErrorKind::kTarget);
  }
}

// Much code made of few kinds of instructions: branches everywhere, then slots, then calls.
TEST_F(PlannerTest, LargeBodies) {
  std::mt19937 random(3);
  const std::vector<std::vector<unsigned char>> kinds = {{0x74, 0x00},
                                                         {0x75, 0x06},
                                                         {0x48, 0xff, 0xc0},
                                                         {0x48, 0x89, 0x44, 0x24, 0x08},
                                                         {0x48, 0x8b, 0x44, 0x24, 0x08},
                                                         {0xeb, 0xf0},
                                                         {0x48, 0x8d, 0x44, 0x24, 0x10},
                                                         {0x90}};
  for (const std::size_t size : {2'000U, 20'000U, 65'000U}) {
    std::vector<std::byte> bytes;
    while (bytes.size() < size) {
      for (const unsigned char byte : kinds[random() % kinds.size()]) {
        bytes.push_back(std::byte{byte});
      }
    }
    bytes.push_back(std::byte{0xc3});
    const TestFunction body(bytes, "crypto/tls.(*Conn).Read");
    package_.functions[0] = *body;
    (void)Make();
  }
}

// The worst for a fixpoint: each instruction starts a block, and values change in loops.
TEST_F(PlannerTest, ManyBlocksInLoops) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 12'000; ++i) {
    for (const int byte : {0x48, 0xff, 0xc0, 0x75, 0xfb}) {
      bytes.push_back(static_cast<std::byte>(byte));
    }
  }
  bytes.push_back(std::byte{0xc3});
  const TestFunction body(bytes, "crypto/tls.(*Conn).Read");
  package_.functions[0] = *body;
  const auto plan = Make();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->read.kind, PlanKind::kClassic);
}

TEST(PlaceTest, Text) {
  EXPECT_EQ(ToString(Place{PlaceKind::kRegister, 1, 0}, Arch::kAmd64), "rcx");
  EXPECT_EQ(ToString(Place{PlaceKind::kStack, 0, 0x78}, Arch::kAmd64), "[rsp+0x78]");
  EXPECT_EQ(ToString(Place{PlaceKind::kStack, 0, -8}, Arch::kAmd64), "[rsp-0x8]");
  EXPECT_EQ(ToString(Place{PlaceKind::kInput, 0, 0x2a0}, Arch::kAmd64), "input@conn+0x2a0");
  EXPECT_EQ(ToString(Place{}, Arch::kAmd64), "nowhere");
}

}  // namespace
}  // namespace gotls
