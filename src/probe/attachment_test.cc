#include "probe/attachment.h"

#include <gtest/gtest.h>

#include "probe/fake_kernel.h"
#include "probe/test_file.h"

namespace gotls {
namespace {

const std::string kFile = "0123456789abcdef";

Site MakeSite(SiteKind kind, std::uint64_t offset, std::size_t length) {
  Site site;
  site.kind = kind;
  site.address = {0x401000 + offset};
  site.file_offset = {offset};
  site.function = "crypto/tls.(*Conn).Read";
  const Bytes bytes = AsBytes(std::string_view(kFile).substr(offset, length));
  site.bytes.assign(bytes.begin(), bytes.end());
  return site;
}

class AttacherTest : public ::testing::Test {
 protected:
  AttacherTest() {
    Site read = MakeSite(SiteKind::kData, 2, 2);
    read.conn = {PlaceKind::kRegister, 6, 0};
    read.data = {PlaceKind::kInput, 0, 0x2c8};
    read.data_fallback = {PlaceKind::kStack, 0, 0x70};
    read.length = {PlaceKind::kRegister, 1, 0};
    plan_.read = {Direction::kRead, PlanKind::kLean, {read}, ""};
    plan_.write = {Direction::kWrite, PlanKind::kLean, {MakeSite(SiteKind::kData, 4, 5)}, ""};
    plan_.lifecycle = {MakeSite(SiteKind::kHandshake, 10, 6)};
    plan_.every_handshake = true;
    facts_.type_steps = {{{0x5000}, GOTLS_STEP_POINTER, 8, {0x6000}, "*main.conn"}};
    package_.offsets.conn_conn = 16;
    package_.offsets.conn_alpn = 24;
  }

  Result<Attachment> Attach(bool all_processes = false) {
    return attacher_.Attach(fd_.get(), facts_, package_, plan_, all_processes);
  }

  // Nothing of an attach that failed, or was released, may stay.
  void ExpectNothingLeft() {
    EXPECT_TRUE(kernel_.points.empty());
    EXPECT_TRUE(kernel_.sites.empty());
    EXPECT_TRUE(kernel_.types.empty());
    EXPECT_FALSE(kernel_.cleared_while_attached);  // a hit between the two would find no descriptor
  }

  TestFile file_{kFile};
  UniqueFd fd_ = file_.Open();
  FakeKernel kernel_;
  Attacher attacher_{kernel_, false};
  ProbePlan plan_;
  GoFacts facts_;
  TlsPackage package_;
};

TEST_F(AttacherTest, AttachesAllSitesUnderTheirDescriptors) {
  const auto attachment = Attach();
  ASSERT_TRUE(attachment.has_value()) << attachment.error().Message();
  ASSERT_EQ(kernel_.points.size(), 3U);
  const std::uint64_t offsets[] = {2, 4, 10};
  for (std::size_t i = 0; i < 3; i++) {
    EXPECT_EQ(kernel_.points[i].offset.value, offsets[i]);
    const gotls_site& site = kernel_.sites.at(kernel_.points[i].site);
    EXPECT_EQ(site.address, 0x401000 + offsets[i]);
    EXPECT_EQ(site.module, attachment->module);
  }
  EXPECT_EQ(kernel_.attached_fds, std::vector<int>{fd_.get()});
}

TEST_F(AttacherTest, DescribesASiteAsThePlanDoes) {
  ASSERT_TRUE(Attach().has_value());
  const gotls_site& site = kernel_.sites.at(kernel_.points[0].site);
  EXPECT_EQ(site.kind, GOTLS_SITE_DATA);
  EXPECT_EQ(site.direction, GOTLS_READ);
  EXPECT_EQ(site.flags, 0);
  EXPECT_EQ(site.conn.kind, GOTLS_PLACE_REGISTER);
  EXPECT_EQ(site.conn.reg, 6);
  EXPECT_EQ(site.data.kind, GOTLS_PLACE_INPUT);
  EXPECT_EQ(site.data.offset, 0x2c8);
  EXPECT_EQ(site.data_fallback.kind, GOTLS_PLACE_STACK);
  EXPECT_EQ(site.data_fallback.offset, 0x70);
  EXPECT_EQ(site.length.reg, 1);
  EXPECT_EQ(kernel_.sites.at(kernel_.points[1].site).direction, GOTLS_WRITE);
  EXPECT_EQ(kernel_.sites.at(kernel_.points[2].site).kind, GOTLS_SITE_HANDSHAKE);
}

TEST_F(AttacherTest, MarksReturnsAsUnordered) {
  plan_.read.sites = {MakeSite(SiteKind::kEntry, 0, 1), MakeSite(SiteKind::kReturn, 1, 1)};
  ASSERT_TRUE(Attach().has_value());
  EXPECT_EQ(kernel_.sites.at(kernel_.points[0].site).flags, 0);
  EXPECT_EQ(kernel_.sites.at(kernel_.points[1].site).flags, GOTLS_DATA_UNORDERED);
}

TEST_F(AttacherTest, DescribesTheModule) {
  plan_.g = {GSourceKind::kFsOffset, 0, -8, {}};
  const auto attachment = Attach();
  ASSERT_TRUE(attachment.has_value());
  const gotls_module& module = kernel_.modules.at(attachment->module);
  EXPECT_EQ(module.g.kind, GOTLS_G_FS_OFFSET);
  EXPECT_EQ(module.g.offset, -8);
  EXPECT_EQ(module.conn_conn, 16U);
  EXPECT_EQ(module.conn_alpn, 24U);
  EXPECT_EQ(module.conn_version, GOTLS_NO_OFFSET);
  EXPECT_EQ(module.flags, GOTLS_MODULE_HANDSHAKE);
  EXPECT_EQ(module.write_return[0], 0x401000U + 4 + 5);  // behind the call
  EXPECT_EQ(module.write_return[1], 0U);
  EXPECT_EQ((kernel_.types.at({attachment->module, 0x5000}).next_type), 0x6000U);
}

TEST_F(AttacherTest, DescribesStreamsOfQuic) {
  plan_.read.locked = plan_.write.locked = plan_.every_handshake = false;
  package_.kind = PackageKind::kQuic;
  package_.offsets.receive_stream_id = 8;
  package_.offsets.send_stream_id = 72;
  package_.offsets.receive_ended = 130;
  const auto attachment = Attach();
  ASSERT_TRUE(attachment.has_value());
  const gotls_module& module = kernel_.modules.at(attachment->module);
  EXPECT_EQ(module.flags, GOTLS_MODULE_QUIC);
  EXPECT_EQ(module.stream_id[GOTLS_READ], 8U);
  EXPECT_EQ(module.stream_id[GOTLS_WRITE], 72U);
  EXPECT_EQ(module.receive_ended, 130U);
  EXPECT_EQ(kernel_.sites.at(kernel_.points[0].site).flags, GOTLS_DATA_UNORDERED);
}

TEST_F(AttacherTest, AttachesSecretsOnlyForThoseWhoWantThem) {
  plan_.secrets.site = MakeSite(SiteKind::kSecret, 12, 2);
  plan_.secrets.site->branch = CountedBranch::kNotBelowOrEqual;
  plan_.secrets.label = {{PlaceKind::kRegister, 3, 0}, {PlaceKind::kRegister, 1, 0}};
  plan_.secrets.secret = {{PlaceKind::kStack, 0, 56}, {PlaceKind::kStack, 0, 64}};
  auto without = Attach();
  ASSERT_TRUE(without.has_value());
  EXPECT_EQ(kernel_.points.size(), 3U);
  attacher_.Release(*without);

  Attacher attacher(kernel_, true);
  const auto attachment = attacher.Attach(fd_.get(), facts_, package_, plan_, false);
  ASSERT_TRUE(attachment.has_value());
  ASSERT_EQ(kernel_.points.size(), 4U);
  const gotls_site& site = kernel_.sites.at(kernel_.points[3].site);
  EXPECT_EQ(site.kind, GOTLS_SITE_SECRET);
  EXPECT_EQ(site.branch, GOTLS_BRANCH_BELOW_OR_EQUAL);
  const gotls_secret_places& places = kernel_.modules.at(attachment->module).secret;
  EXPECT_EQ(places.label.data.reg, 3);
  EXPECT_EQ(places.label.length.reg, 1);
  EXPECT_EQ(places.client_random.data.kind, GOTLS_PLACE_NONE);
  EXPECT_EQ(places.secret.data.kind, GOTLS_PLACE_STACK);
  EXPECT_EQ(places.secret.length.offset, 64);
}

TEST_F(AttacherTest, TellsWhetherHandshakesAreHooked) {
  plan_.every_handshake = false;
  const auto attachment = Attach();
  ASSERT_TRUE(attachment.has_value());
  EXPECT_EQ(kernel_.modules.at(attachment->module).flags, 0U);
}

TEST_F(AttacherTest, WidensToAllProcesses) {
  auto attachment = Attach(true);
  ASSERT_TRUE(attachment.has_value());
  EXPECT_TRUE(kernel_.modules.at(attachment->module).flags & GOTLS_MODULE_ALL_PROCESSES);
  auto narrow = Attach(false);
  ASSERT_TRUE(narrow.has_value());
  EXPECT_FALSE(kernel_.modules.at(narrow->module).flags & GOTLS_MODULE_ALL_PROCESSES);
  ASSERT_TRUE(attacher_.TraceAllProcesses(*narrow).has_value());
  EXPECT_EQ(kernel_.modules.at(narrow->module).flags,
            GOTLS_MODULE_HANDSHAKE | GOTLS_MODULE_ALL_PROCESSES);
  EXPECT_EQ(kernel_.modules.at(narrow->module).conn_conn, 16U);  // the rest stays
}

TEST_F(AttacherTest, RefusesAFileThatChanged) {
  for (Site* site : {&plan_.read.sites[0], &plan_.write.sites[0], &plan_.lifecycle[0]}) {
    const std::byte before = site->bytes.back();
    site->bytes.back() = std::byte{'!'};
    const auto attachment = Attach();
    ASSERT_FALSE(attachment.has_value());
    EXPECT_EQ(attachment.error().kind, ErrorKind::kTarget);
    EXPECT_TRUE(kernel_.attached_fds.empty());
    ExpectNothingLeft();
    site->bytes.back() = before;
  }
}

TEST_F(AttacherTest, RefusesAFileThatShrank) {
  ASSERT_EQ(truncate(file_.path().c_str(), 12), 0);
  EXPECT_FALSE(Attach().has_value());
  ExpectNothingLeft();
}

TEST_F(AttacherTest, RefusesASiteWithoutBytes) {
  plan_.read.sites[0].bytes.clear();
  EXPECT_FALSE(Attach().has_value());
}

TEST_F(AttacherTest, FreesEverythingWhenTheKernelRefuses) {
  kernel_.refuse_attach = true;
  kernel_.sites_left = 1'000'000;
  for (int i = 0; i < 2 * GOTLS_MAX_SITES; i++)
    ASSERT_EQ(Attach().error().what, "refused by the test");
  ExpectNothingLeft();
}

TEST_F(AttacherTest, FreesTheSitesItHadWhenOneFails) {
  kernel_.sites_left = 2;
  EXPECT_FALSE(Attach().has_value());
  ExpectNothingLeft();
}

TEST_F(AttacherTest, ReusesWhatWasReleased) {
  auto first = Attach();
  ASSERT_TRUE(first.has_value());
  auto second = Attach();
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(first->module, second->module);
  const std::set<std::uint32_t> sites(first->sites.begin(), first->sites.end());
  for (const std::uint32_t site : second->sites) EXPECT_FALSE(sites.contains(site));
  attacher_.Release(*first);
  EXPECT_EQ(kernel_.sites.size(), 3U);
  EXPECT_EQ(kernel_.points.size(), 3U);
  const auto third = Attach();
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->module, first->module);
  EXPECT_EQ(std::set<std::uint32_t>(third->sites.begin(), third->sites.end()), sites);
  attacher_.Release(*second);
  EXPECT_EQ(kernel_.types.size(), 1U);
}

TEST_F(AttacherTest, ReleasesInTheOrderThatLosesNoHit) {
  auto attachment = Attach();
  ASSERT_TRUE(attachment.has_value());
  attacher_.Release(*attachment);
  ExpectNothingLeft();
}

TEST(SlotPool, HandsOutEachSlotOnceAndTakesItBack) {
  SlotPool pool(2);
  EXPECT_EQ(pool.Take(), 0U);
  EXPECT_EQ(pool.Take(), 1U);
  const auto none = pool.Take();
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().kind, ErrorKind::kHost);
  pool.Give(0);
  EXPECT_EQ(pool.Take(), 0U);
  EXPECT_FALSE(pool.Take().has_value());
}

}  // namespace
}  // namespace gotls
