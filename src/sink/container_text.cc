#include "sink/container_text.h"

#include <fmt/format.h>

namespace gotls {
namespace {

constexpr std::size_t kShortId = 12;  // what container engines show

}  // namespace

std::string ContainerText(const Process& process) {
  const Container& container = process.container;
  std::string text;
  if (!container.pod.empty()) {
    text += fmt::format("pod {}/{} ", container.pod_namespace, container.pod);
  }
  if (!container.id.empty()) {
    text += "container ";
    if (!container.name.empty()) text += container.name + " ";
    const std::string id = container.id.substr(0, kShortId);
    text += container.runtime.empty() ? fmt::format("({})", id)
                                      : fmt::format("({} {})", container.runtime, id);
  }
  if (process.namespace_pid != 0 && process.namespace_pid != process.pid) {
    text += fmt::format("{}pid {} inside", text.empty() ? "" : ", ", process.namespace_pid);
  }
  return text;
}

}  // namespace gotls
