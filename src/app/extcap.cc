#include "app/extcap.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "select/filter.h"

namespace gotls {
namespace {

using Request = std::variant<ExtcapAnswer, ExtcapCommand>;

constexpr std::string_view kInterface = "gotls";
constexpr int kUsageExit = 2;

// An option of the capture, as Wireshark's dialog shows it. Each is one of `gotls trace` too.
struct CaptureOption {
  std::string_view name;  // "--pid"
  std::string_view type;  // of Wireshark's extcap grammar
  std::string_view label;
  std::string_view tooltip;
  std::string_view group;
};

constexpr std::string_view kFlag = "boolflag";
constexpr CaptureOption kOptions[] = {
    {"--pid", "string", "Process IDs", "of running processes, separated by commas", "Programs"},
    {"--exe", "string", "Executable",
     "whoever runs it, now and later: a path or a pattern like *api", "Programs"},
    {"--comm", "string", "Process name", "exact, as ps shows it", "Programs"},
    {"--all", kFlag, "All Go programs", "the default when no other program is named", "Programs"},
    {"--max-op", "string", "Bytes of one Read or Write", "what is beyond is a gap, 1MiB if empty",
     "Limits"},
    {"--ring", "string", "Ring buffer", "between kernel and gotls, 16MiB if empty", "Limits"},
    {"--duration", "string", "End after", "10s, 5m, 2h, never if empty", "Limits"},
};

const CaptureOption* FindOption(std::string_view name) {
  const auto* found = std::ranges::find(kOptions, name, &CaptureOption::name);
  return found == std::end(kOptions) ? nullptr : found;
}

// "--name=value", "--name value" and "--name" to a map. Wireshark gives each option once.
std::map<std::string, std::string> ParseWords(const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      words[word.substr(0, equals)] = word.substr(equals + 1);
      continue;
    }
    const bool has_value = i + 1 < arguments.size() && !arguments[i + 1].starts_with("--");
    words[word] = has_value ? arguments[++i] : "";
  }
  return words;
}

std::string Interfaces() {
  return fmt::format(
      "extcap {{version={}}}{{display=plaintext of Go's TLS connections}}\n"
      "interface {{value={}}}{{display=Go TLS (gotls)}}\n",
      GOTLS_VERSION, kInterface);
}

std::string Config() {
  std::string text;
  int number = 0;
  for (const CaptureOption& option : kOptions) {
    text += fmt::format(
        "arg {{number={}}}{{call={}}}{{display={}}}{{tooltip={}}}{{type={}}}{{group={}}}\n",
        number++, option.name, option.label, option.tooltip, option.type, option.group);
  }
  return text;
}

// Wireshark takes silence for a yes.
ExtcapAnswer CheckFilter(const std::string& expression) {
  if (expression.empty()) return {};
  const auto filter = Filter::Parse(expression);
  if (filter) return {};
  return {filter.error().Message() + "\n", 0};
}

ExtcapAnswer Usage(const std::string& what) {
  return {fmt::format("gotls: {}; see docs/outputs.md\n", what), kUsageExit};
}

void AddPids(ExtcapCommand& command, std::string_view pids) {
  while (!pids.empty()) {
    const std::size_t end = std::min(pids.find_first_of(", "), pids.size());
    if (end > 0) command.insert(command.end(), {"--pid", std::string(pids.substr(0, end))});
    pids.remove_prefix(std::min(end + 1, pids.size()));
  }
}

Request Capture(const std::map<std::string, std::string>& words) {
  const auto fifo = words.find("--fifo");
  if (fifo == words.end() || fifo->second.empty()) return Usage("--capture needs --fifo=PATH");
  // Quiet: Wireshark shows what a capture writes to standard error as a problem.
  ExtcapCommand command = {"trace", "--quiet", "--output", "pcapng:" + fifo->second};
  bool named = false;
  for (const auto& [name, value] : words) {
    const CaptureOption* const option = FindOption(name);
    if (option == nullptr || (value.empty() && option->type != kFlag)) continue;
    if (option->type == kFlag && value == "false") continue;
    named = named || option->group == "Programs";
    if (name == "--pid") {
      AddPids(command, value);
    } else if (option->type == kFlag) {
      command.push_back(name);
    } else {
      command.push_back(fmt::format("{}={}", name, value));
    }
  }
  if (!named) command.emplace_back("--all");
  const auto filter = words.find("--extcap-capture-filter");
  if (filter != words.end() && !filter->second.empty()) {
    command.push_back("--filter=" + filter->second);
  }
  return command;
}

}  // namespace

std::optional<Request> ParseExtcap(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  if (!arguments[0].starts_with("--extcap-") && arguments[0] != "--capture") return std::nullopt;
  const auto words = ParseWords(arguments);
  if (words.contains("--extcap-interfaces")) return ExtcapAnswer{Interfaces()};
  const auto interface = words.find("--extcap-interface");
  if (interface == words.end()) return Usage("no --extcap-interface");
  if (interface->second != kInterface) {
    return Usage(fmt::format("no interface '{}'", interface->second));
  }
  if (words.contains("--extcap-dlts")) {
    return ExtcapAnswer{"dlt {number=1}{name=EN10MB}{display=Ethernet}\n"};
  }
  if (words.contains("--extcap-config")) return ExtcapAnswer{Config()};
  if (words.contains("--capture")) return Capture(words);
  const auto filter = words.find("--extcap-capture-filter");
  if (filter != words.end()) return CheckFilter(filter->second);
  return Usage("neither --capture nor a question");
}

}  // namespace gotls
