// The binaries that were met, planned and attached; each file once, however many processes run it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "gotls/error.h"
#include "gotls/options.h"
#include "probe/attachment.h"
#include "probe/file_guard.h"
#include "probe/plan_cache.h"

namespace gotls {

// One file. Either attached, or `refusal` says why not.
struct Binary {
  std::string name;  // the path by which it was met
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  // the inode
  std::optional<Error> refusal{};
  // When attached:
  UniqueFd fd{};
  bool guarded = false;
  bool all_processes = false;
  bool shared = false;  // met through another overlay too: a container of the same image
  std::shared_ptr<const PlannedProgram> program{};  // shared with copies of the file
  std::vector<const ProbePlan*> plans{};            // those of `program` that are attached
  std::vector<Attachment> attachments{};
  std::vector<Error> left_out{};  // copies of crypto/tls that could not be planned or attached
};

class Binaries {
 public:
  // `secrets`: TLS session secrets are captured too.
  Binaries(Kernel& kernel, PlanCache plans, bool secrets)
      : plans_(std::move(plans)), attacher_(kernel, secrets) {}

  struct Outcome {
    const Binary* binary;
    bool fresh;  // this call planned it
  };

  // Makes sure that the file is attached if it can be. A file that was met before and hasn't
  // changed costs one fstat.
  Outcome Meet(UniqueFd fd, const std::string& name, bool all_processes);

  // Name of a type of an attached binary, "*main.conn"; reads the file again, the answer is kept.
  std::string TypeName(std::uint32_t module, std::uint64_t type);

  struct Dropped {
    std::string name;
    bool shared;  // with other containers, whose file stays as it is: look for their processes anew
  };
  // Detaches binaries whose files are about to be overwritten.
  std::vector<Dropped> DropEndangered();
  [[nodiscard]] int endangered_fd() const { return guard_.event_fd(); }

  // Detaches binaries that were deleted and that nobody runs any more: a host that compiles makes
  // many.
  void DropDeleted();

  void DetachAll();
  [[nodiscard]] std::size_t attached_count() const;

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

  // What a file in an overlay shows of the file below, the same in all containers of an image
  // though the device is not: inode, size, time of the last write, of the last change.
  using Inner = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;
  struct InnerFile {
    Key key;
    bool overlay;
  };

  Binary* FindTwin(const Key& key, int fd, const Binary& seen);
  void Forget(const Key& key);
  void Widen(Binary& binary, bool all_processes);

  void Attach(const Key& key, Binary& binary, UniqueFd fd);
  Result<void> PlanAndAttach(Binary& binary);
  Result<void> AttachPackage(Binary& binary, const TlsPackage& package, const ProbePlan& plan);
  void Detach(Binary& binary);

  PlanCache plans_;
  FileGuard guard_;
  Attacher attacher_;
  std::map<Key, Binary> binaries_;
  std::map<Inner, InnerFile> inner_;  // of those that are attached
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> type_names_;
};

}  // namespace gotls
