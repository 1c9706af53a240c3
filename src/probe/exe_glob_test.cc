#include "probe/exe_glob.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace gotls {
namespace {

namespace fs = std::filesystem;

bool Matches(const std::string& pattern, const std::string& path) {
  return ExeGlob(pattern).Matches(path);
}

TEST(ExeGlob, ComparesTheLastPartWhenThePatternHasNoSlash) {
  EXPECT_TRUE(Matches("server", "/usr/bin/server"));
  EXPECT_TRUE(Matches("serv*", "/usr/bin/server"));
  EXPECT_TRUE(Matches("server", "server"));
  EXPECT_FALSE(Matches("server", "/usr/bin/server2"));
  EXPECT_FALSE(Matches("bin", "/usr/bin/server"));
}

TEST(ExeGlob, ComparesTheWholePathWhenThePatternHasASlash) {
  EXPECT_TRUE(Matches("/no/such/server", "/no/such/server"));
  EXPECT_TRUE(Matches("/usr/*/server", "/usr/bin/server"));
  EXPECT_TRUE(Matches("/*/bin/server", "/usr/bin/server"));
  EXPECT_TRUE(Matches("//no/./such/../such/server", "/no/such/server"));
  EXPECT_FALSE(Matches("/usr/*", "/usr/bin/server"));  // a star stays inside its part
  EXPECT_FALSE(Matches("bin/server", "/usr/bin/server"));
}

// A folder as one is named by people who want trouble, which is the working directory meanwhile.
class ExeGlobInAFolder : public ::testing::Test {
 protected:
  ExeGlobInAFolder() : before_(fs::current_path()) {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    folder_ = fs::canonical(root_) / "[a]*";
    fs::create_directories(folder_ / "releases/1");
    fs::create_directories(folder_ / "releases/2");
    for (const char* release : {"1", "2"})
      std::ofstream(folder_ / "releases" / release / "server") << "x";
    fs::create_directory_symlink("releases/1", folder_ / "current");
    fs::current_path(folder_);
  }
  ~ExeGlobInAFolder() override {
    fs::current_path(before_);
    fs::remove_all(root_);
  }

  [[nodiscard]] std::string In(const std::string& name) const { return folder_ / name; }

  std::string root_ = ::testing::TempDir() + "gotls_probe_XXXXXX";
  fs::path folder_;
  fs::path before_;
};

TEST_F(ExeGlobInAFolder, TakesRelativePathsFromHere) {
  EXPECT_TRUE(Matches("./server", In("server")));
  EXPECT_TRUE(Matches("releases/../server", In("server")));
  EXPECT_TRUE(Matches("./serv*", In("server")));
  EXPECT_TRUE(Matches("releases/*/server", In("releases/1/server")));
  EXPECT_TRUE(Matches("*/1/server", In("releases/1/server")));
  EXPECT_FALSE(Matches("./server", In("releases/1/server")));
  EXPECT_FALSE(Matches("./server", "/server"));
}

TEST_F(ExeGlobInAFolder, StaysWhereItWasMade) {
  const ExeGlob glob("./server");
  fs::current_path("releases");
  EXPECT_TRUE(glob.Matches(In("server")));
  EXPECT_FALSE(glob.Matches(In("releases/server")));
}

TEST_F(ExeGlobInAFolder, FollowsLinksAsTheyAreNow) {
  const ExeGlob whole("current/server");
  const ExeGlob wild("./current/serv*");
  for (const ExeGlob* glob : {&whole, &wild}) {
    EXPECT_TRUE(glob->Matches(In("releases/1/server")));
    EXPECT_FALSE(glob->Matches(In("releases/2/server")));
  }
  fs::create_directory_symlink("releases/2", "fresh");
  fs::rename("fresh", "current");
  for (const ExeGlob* glob : {&whole, &wild}) {
    EXPECT_FALSE(glob->Matches(In("releases/1/server")));
    EXPECT_TRUE(glob->Matches(In("releases/2/server")));
  }
  fs::create_symlink("releases/1/server", "link");
  EXPECT_TRUE(Matches("./link", In("releases/1/server")));
}

TEST_F(ExeGlobInAFolder, NamesTheFilesThatAreThere) {
  EXPECT_EQ(ExeGlob("current/server").ExistingFiles(9),
            std::vector<std::string>{In("current/server")});
  EXPECT_EQ(ExeGlob("./releases/*/server").ExistingFiles(9),
            (std::vector<std::string>{In("releases/1/server"), In("releases/2/server")}));
  EXPECT_EQ(ExeGlob("./releases/*/server").ExistingFiles(1).size(), 1U);
  EXPECT_TRUE(ExeGlob("./releases/*").ExistingFiles(9).empty());  // folders
  EXPECT_TRUE(ExeGlob("server").ExistingFiles(9).empty());
}

}  // namespace
}  // namespace gotls
