#include "probe/plan_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>
#include <utility>

#include "base/unique_fd.h"

namespace gotls {

PlanAhead::PlanAhead(PlanCache& cache, std::vector<std::string> paths)
    : thread_([&cache, paths = std::move(paths)] {
        std::set<std::pair<dev_t, ino_t>> seen;  // processes share their programs
        for (const std::string& path : paths) {
          const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
          struct stat status {};
          if (file.valid() && fstat(file.get(), &status) == 0 &&
              seen.emplace(status.st_dev, status.st_ino).second)
            (void)cache.Get(file.get(), path);
        }
      }) {}

}  // namespace gotls
