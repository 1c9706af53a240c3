#include "probe/process_names.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

std::string AtExec(std::string_view comm, const ProcessNames& now, const ProcessNames& before) {
  const ProcessNames names = NamesAtExec(comm, now, before);
  return names.comm + " " + names.exe;
}

TEST(ProcessNames, AreThoseOfProcWhileTheProcessRunsTheProgram) {
  EXPECT_EQ(AtExec("next", {"next", "/bin/next"}, {"old", "/bin/old"}), "next /bin/next");
  EXPECT_EQ(AtExec("run.sh", {"run.sh", "/bin/dash"}, {}), "run.sh /bin/dash");
  EXPECT_EQ(AtExec("4", {"4", "/memfd:x"}, {}), "4 /memfd:x");
}

TEST(ProcessNames, OutliveANameThatTheProcessGaveItself) {
  EXPECT_EQ(AtExec("server", {"worker 1", "/srv/server"}, {}), "server /srv/server");
  EXPECT_EQ(AtExec("a-name-of-15-by", {"x", "/bin/a-name-of-15-bytes-and-more"}, {}),
            "a-name-of-15-by /bin/a-name-of-15-bytes-and-more");
}

TEST(ProcessNames, AreThoseOfBeforeWhenAProgramRanItselfAndAnotherOneCameSince) {
  EXPECT_EQ(AtExec("server", {"next", "/bin/next"}, {"server", "/srv/server"}),
            "server /srv/server");
}

TEST(ProcessNames, AreThoseOfBeforeWhenAProgramRanItselfAndIsAboutToRunAnotherOne) {
  EXPECT_EQ(AtExec("server", {"server", ""}, {"server", "/srv/server"}), "server /srv/server");
}

TEST(ProcessNames, DoNotSayWhatIsNotKnown) {
  EXPECT_EQ(AtExec("server", {"next", "/bin/next"}, {"old", "/bin/old"}), "server ");
  EXPECT_EQ(AtExec("server", {}, {}), "server ");  // it is gone
}

}  // namespace
}  // namespace gotls
