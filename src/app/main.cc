// The gotls command: parse, do, report. Everything else is in the library.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "app/cli.h"
#include "app/extcap.h"
#include "app/summary.h"
#include "gotls/doctor.h"
#include "gotls/inspect.h"
#include "gotls/session.h"
#include "probe/privilege.h"

namespace gotls {
namespace {

Session* running = nullptr;  // for the signal handler, which has no other way

void OnSignal(int /*signal*/) {
  if (running != nullptr) running->Stop();
}

int Report(const Error& error, int argc, char** argv) {
  fmt::print(stderr, "gotls: {}\n", error.Message());
  if (error.kind == ErrorKind::kHost && geteuid() != 0 && !MissingCapabilities().empty()) {
    std::string command = "sudo";
    for (int i = 0; i < argc; i++) command += fmt::format(" {}", argv[i]);
    fmt::print(stderr, "Try: {}\n", command);
  }
  return static_cast<int>(error.kind);
}

NoticeHandler NoticesFor(const CommandLine& line) {
  return [quiet = line.quiet, verbose = line.verbose](NoticeLevel level, const std::string& text) {
    const bool watched = !quiet && isatty(STDERR_FILENO) != 0;
    const bool wanted = level == NoticeLevel::kError ||
                        (level == NoticeLevel::kWarning && !quiet) ||
                        (level == NoticeLevel::kStatus && (watched || verbose >= 1)) ||
                        (level == NoticeLevel::kInfo && verbose >= 1) ||
                        (level == NoticeLevel::kDebug && verbose >= 2);
    if (wanted) fmt::print(stderr, "gotls: {}\n", text);
  };
}

// The terminal has the totals from an output already.
bool ShowsTotals(const CommandLine& line) {
  return isatty(STDOUT_FILENO) != 0 &&
         std::ranges::any_of(line.trace.outputs, [](const std::string& output) {
           return output == "text" || output == "hex";
         });
}

// Prints the summary, and tells with the exit code whether an output failed on the way.
int Finish(const Result<Summary>& summary, const CommandLine& line, int argc, char** argv) {
  if (!summary) return Report(summary.error(), argc, argv);
  if (!line.quiet) fmt::print(stderr, "{}", SummaryText(*summary, !ShowsTotals(line), line.stats));
  return summary->failed_outputs == 0 ? 0 : static_cast<int>(ErrorKind::kRuntime);
}

// SIGHUP that is ignored stays so: nohup. SIGINT does not, since shells ignore it for what they
// start in the background.
void StopOnSignals() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, &OnSignal);
  if (std::signal(SIGHUP, &OnSignal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

int Trace(CommandLine& line, int argc, char** argv) {
  line.trace.raise_file_limit = true;
  if (line.trace.outputs.empty()) line.trace.outputs = {"text"};
  line.trace.on_notice = NoticesFor(line);
  auto session = Session::Create(line.trace);
  if (!session) return Report(session.error(), argc, argv);
  running = session->get();
  StopOnSignals();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an output's error
  const auto summary = (*session)->Run();
  running = nullptr;
  return Finish(summary, line, argc, argv);
}

int ReplayRecording(CommandLine& line, int argc, char** argv) {
  if (line.trace.outputs.empty()) line.trace.outputs = {"text"};
  std::signal(SIGPIPE, SIG_IGN);
  return Finish(
      Replay(line.recording, line.trace.outputs, nullptr, NoticesFor(line), line.trace.view), line,
      argc, argv);
}

int Print(const Inspection& inspection, bool json) {
  fmt::print("{}\n", json ? inspection.json : inspection.text);
  if (inspection.planned) return 0;
  fmt::print(stderr, "gotls: {}\n", inspection.error.Message());
  return static_cast<int>(ErrorKind::kTarget);
}

// A number that names no file is a pid.
int InspectOne(const std::string& target, const CommandLine& line, int argc, char** argv) {
  std::uint32_t pid = 0;
  const auto parsed = std::from_chars(target.data(), target.data() + target.size(), pid);
  const bool number = parsed.ec == std::errc() && parsed.ptr == target.data() + target.size();
  if (number && access(target.c_str(), F_OK) != 0) {
    const auto found = InspectProcess(pid, {line.trace.plan, line.trace.packages});
    if (!found) return Report(found.error(), argc, argv);
    int worst = 0;
    for (const Inspection& one : *found) worst = std::max(worst, Print(one, line.json));
    return worst;
  }
  const auto found = InspectFile(target, {line.trace.plan, line.trace.packages});
  return found ? Print(*found, line.json) : Report(found.error(), argc, argv);
}

int Inspect(const CommandLine& line, int argc, char** argv) {
  int worst = 0;
  for (const std::string& target : line.targets)
    worst = std::max(worst, InspectOne(target, line, argc, argv));
  return worst;
}

int Doctor() {
  bool fit = true;
  for (const Requirement& requirement : ExamineHost()) {
    const char* answer = requirement.met ? "yes" : requirement.needed ? "NO " : "no ";
    fmt::print("{}  {:<17} {}\n", answer, requirement.name, requirement.found);
    if (!requirement.met) fmt::print("     {:<17} -> {}\n", "", requirement.advice);
    fit = fit && (requirement.met || !requirement.needed);
  }
  fmt::print("{}\n", fit ? "This host can be traced." : "This host can't be traced as it is.");
  return fit ? 0 : static_cast<int>(ErrorKind::kHost);
}

int RunCommandLine(int argc, char** argv) {
  auto parsed = ParseCommandLine(argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  auto& line = std::get<CommandLine>(parsed);
  switch (line.command) {
    case Command::kTrace:
      return Trace(line, argc, argv);
    case Command::kInspect:
      return Inspect(line, argc, argv);
    case Command::kDoctor:
      return Doctor();
    case Command::kReplay:
      return ReplayRecording(line, argc, argv);
  }
  return 0;
}

int Main(int argc, char** argv) {
  auto extcap = ParseExtcap(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  if (!extcap) return RunCommandLine(argc, argv);
  if (const auto* answer = std::get_if<ExtcapAnswer>(&*extcap)) {
    fmt::print(answer->exit_code == 0 ? stdout : stderr, "{}", answer->text);
    return answer->exit_code;
  }
  auto& command = std::get<ExtcapCommand>(*extcap);
  std::vector<char*> words = {argv[0]};
  for (std::string& word : command) words.push_back(word.data());
  return RunCommandLine(static_cast<int>(words.size()), words.data());
}

}  // namespace
}  // namespace gotls

int main(int argc, char** argv) { return gotls::Main(argc, argv); }
