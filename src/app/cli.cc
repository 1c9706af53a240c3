#include "app/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "sink/registry.h"

namespace gotls {
namespace {

constexpr const char* kTraceFooter = R"(
Targets: at least one of -p, --exe, --comm, --container, --all, or a command after --.

Examples:
  gotls trace -p 4711                      a running process
  gotls trace --exe '/srv/*/bin/api'       whoever runs it, now and later
  gotls trace -- ./app --flag              start a command, see its first byte
  gotls trace --all -o json | jq .         every Go program on the host
  gotls trace -p 4711 -o text -o record:/tmp/a.rec    watch, and keep for replay

A gap line names bytes that passed but were not captured, with their exact number: a larger --ring or
--max-op captures them.

Exit codes: 0 done; 1 failed while running; 2 wrong usage; 3 the target can't be traced; 4 this kernel or
privilege can't.)";

constexpr const char* kInspectFooter = R"(
Examples:
  gotls inspect ./app           what gotls knows of the file, and where it would hook it
  gotls inspect 4711            the same for a process and the Go libraries it has loaded
  gotls inspect --json ./app | jq .read

Exit codes: 0 reads and writes can be traced; 3 they can't (the reason is printed).)";

constexpr const char* kReplayFooter = R"(
Examples:
  gotls trace -p 4711 -o record:/tmp/a.rec
  gotls replay /tmp/a.rec                   the same text as live
  gotls replay /tmp/a.rec -o json:/tmp/a.json -o hex)";

// CLI11 reports what a validator says as wrong usage.
std::string CheckSize(const std::string& text) {
  const auto size = ParseSize(text);
  return size ? std::string() : size.error().Message();
}

std::string CheckDuration(const std::string& text) {
  const auto duration = ParseDuration(text);
  return duration ? std::string() : duration.error().Message();
}

bool IsDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string CheckPid(const std::string& text) {
  if (IsDigits(text) && text.size() <= 9 && text.find_first_not_of('0') != std::string::npos)
    return {};
  return fmt::format("'{}' is not a pid; --comm traces by name", text);
}

// A minus would be read as a number beyond all.
std::string CheckCount(const std::string& text) {
  if (IsDigits(text) && text.size() <= 18) return {};
  return fmt::format("'{}' is not a number of exchanges or chunks, like 100", text);
}

std::string CheckPattern(const std::string& text) {
  return text.empty() ? "an empty pattern matches nothing" : std::string();
}

// What an unset variable of a shell gives.
std::string CheckFilterText(const std::string& text) {
  return text.empty() ? "an empty expression; without --filter everything is shown" : std::string();
}

// An option for a plan, with a message of our own when there is no such plan.
void AddPlan(CLI::App& app, PlanChoice& plan, const std::string& description) {
  app.add_option_function<std::string>(
         "--plan",
         [&plan](const std::string& text) {
           plan = text == "lean"      ? PlanChoice::kLean
                  : text == "classic" ? PlanChoice::kClassic
                                      : PlanChoice::kAuto;
         },
         description)
      ->check([](const std::string& text) {
        const bool known = text == "auto" || text == "lean" || text == "classic";
        return known ? std::string()
                     : fmt::format("no plan '{}'; plans: auto, lean, classic", text);
      })
      ->type_name("PLAN");
}

std::string OutputFormatsHelp() {
  std::string help = "\nFormats of -o, each to stdout or, with a PATH, to a file of mode 0600:\n";
  for (const OutputFormat& format : OutputFormats()) {
    help += fmt::format("  {:<8} {}\n", format.name, format.description);
  }
  return help;
}

// The texts that need more work than CLI11 does.
struct RawOptions {
  std::string max_op = "1MiB";
  std::string ring = "16MiB";
  std::string duration;
  std::string max_body = "64KiB";
  std::optional<std::uint64_t> count{};
};

void AddOutputOptions(CLI::App& app, CommandLine& line, RawOptions& raw) {
  app.add_option(
         "-o,--output", line.trace.outputs,
         "where the data goes (see below); repeatable. Redaction does not apply to what keeps raw "
         "bytes: record, pcapng, hex, text with --raw, chunks of json")
      ->type_name("FORMAT[:PATH]")
      ->allow_extra_args(false);
  ViewOptions& view = line.trace.view;
  app.add_option("--filter", view.filter,
                 "only exchanges that match: 'host ~ shop && status >= 400' (docs/filters.md)")
      ->check(CheckFilterText)
      ->type_name("EXPR");
  app.add_option("--redact", view.redact_rules,
                 "hide more: header:NAME, json:KEY, query:NAME, regex:PATTERN; repeatable")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app.add_flag_callback(
      "--no-redact", [&view] { view.redact = false; },
      "show Authorization, Cookie and other well-known secrets, which are hidden by default");
  app.add_flag("--headers-only", view.headers_only, "no bodies in what was decoded");
  app.add_option("--max-body", raw.max_body, "keep so much of each body and message [64KiB]")
      ->check(CheckSize)
      ->type_name("BYTES");
  app.add_flag("--raw", view.raw,
               "text: each chunk of bytes as it passes, not exchanges; not redacted");
  app.add_flag("--pretty", view.pretty, "text: JSON bodies indented");
  app.add_option("--proto", view.proto_file,
                 "names for protobuf fields: protoc --include_imports --descriptor_set_out=FILE")
      ->type_name("FILE");
  app.add_option("--rotate", view.rotate, "begin output files anew: 100MB, 1h, 100MB,1h,keep=10")
      ->type_name("WHEN");
  app.add_flag("--stats", line.stats, "print all counters at the end, also those at zero");
  app.add_flag("-q,--quiet", line.quiet,
               "no notices, no summary on stderr; outputs are as always, text with its last lines");
  app.add_flag(
      "-v,--verbose", line.verbose,
      "text with headers, and say what is attached; twice: with bodies, and say what is not "
      "attached, and why");
}

void AddPackageOption(CLI::App& app, CommandLine& line) {
  app.add_option("--package", line.trace.packages,
                 "a copy of crypto/tls under this import path; forks are also found by themselves; "
                 "repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
}

void AddTrace(CLI::App& app, CommandLine& line, RawOptions& raw) {
  TraceOptions& trace = line.trace;
  app.add_option("-p,--pid", trace.pids, "trace a running process, not its children; repeatable")
      ->check(CheckPid)
      ->type_name("PID")
      ->allow_extra_args(false);
  app.add_option(
         "--exe", trace.exe_globs,
         "trace whoever runs a matching executable; without '/' the pattern is for its name")
      ->check(CheckPattern)
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_option("--comm", trace.comms, "trace processes of this name")
      ->check(CheckPattern)
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--container", trace.containers,
                 "trace the programs in a container: its name, or the beginning of its id")
      ->type_name("ID|NAME")
      ->allow_extra_args(false);
  app.add_flag("--all", trace.all, "trace every Go program with crypto/tls on the host");
  app.add_option("command", trace.command, "after --: a command to start and trace")
      ->type_name("COMMAND");
  AddPackageOption(app, line);
  AddOutputOptions(app, line, raw);
  AddPlan(app, trace.plan, "auto (lean where it can be proved), lean, classic");
  app.add_option("--max-op", raw.max_op,
                 "capture so much of one Read or Write, announce the rest as a gap [1MiB]")
      ->check(CheckSize)
      ->type_name("BYTES");
  app.add_option("--ring", raw.ring, "size of the ring buffer between kernel and gotls [16MiB]")
      ->check(CheckSize)
      ->type_name("BYTES");
  app.add_option("--duration", raw.duration, "end after this time: 10s, 5m, 2h")
      ->check(CheckDuration)
      ->type_name("TIME");
  app.add_option("--count", raw.count,
                 "end after so many exchanges, or chunks where no output shows exchanges")
      ->check(CheckCount)
      ->type_name("N");
  app.footer(OutputFormatsHelp() + kTraceFooter);
}

void AddInspect(CLI::App& app, CommandLine& line) {
  app.add_option("target", line.targets, "a file, or a pid")->required()->type_name("FILE|PID");
  app.add_flag("--json", line.json, "one JSON object a file (docs/json.md)");
  AddPlan(app, line.trace.plan, "the plan to show: auto, lean, classic");
  AddPackageOption(app, line);
  app.footer(kInspectFooter);
}

void AddReplay(CLI::App& app, CommandLine& line, RawOptions& raw) {
  app.add_option("file", line.recording, "a recording made with -o record:FILE")
      ->required()
      ->type_name("FILE");
  AddOutputOptions(app, line, raw);
  app.footer(OutputFormatsHelp() + kReplayFooter);
}

// What remains to be checked when the words have been parsed; empty: fine.
std::string Finish(CommandLine& line, const RawOptions& raw) {
  TraceOptions& trace = line.trace;
  trace.max_op = *ParseSize(raw.max_op);
  trace.ring_bytes = *ParseSize(raw.ring);
  if (!raw.duration.empty()) trace.duration = *ParseDuration(raw.duration);
  trace.count = raw.count;
  trace.view.max_body = *ParseSize(raw.max_body);
  trace.view.detail = line.verbose;
  if (line.command != Command::kTrace) return {};
  const bool others = !trace.pids.empty() || !trace.exe_globs.empty() || !trace.comms.empty() ||
                      !trace.containers.empty() || trace.all;
  if (!others && trace.command.empty())
    return "no target: use -p PID, --exe GLOB, --comm NAME, --container NAME, --all, "
           "or -- COMMAND";
  if (others && !trace.command.empty())
    return "a command to start can't be combined with -p, --exe, --comm, --container or "
           "--all";
  if (trace.max_op == 0) return "--max-op must be at least 1";
  if (trace.count == 0U) return "--count must be at least 1";
  return {};
}

int UsageError(const std::string& what) {
  fmt::print(stderr, "gotls: {}\nTry: gotls help\n", what);
  return static_cast<int>(ErrorKind::kUsage);
}

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CommandLine line;
  RawOptions raw;
  std::string topic;
  CLI::App app(
      "gotls shows the plaintext of the TLS traffic of Go programs, live, without touching them.",
      "gotls");
  app.set_version_flag("--version", std::string("gotls ") + GOTLS_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(26);

  auto* trace = app.add_subcommand("trace", "show what Go programs send and receive");
  auto* inspect =
      app.add_subcommand("inspect", "show what gotls knows of a binary, and how it would hook it");
  auto* doctor = app.add_subcommand("doctor", "can this host be traced? what is missing?");
  auto* replay =
      app.add_subcommand("replay", "send a recording through any output, without privilege");
  auto* help = app.add_subcommand("help", "show the help of a command");
  AddTrace(*trace, line, raw);
  AddInspect(*inspect, line);
  AddReplay(*replay, line, raw);
  help->add_option("command", topic, "trace, inspect, doctor or replay")->type_name("COMMAND");

  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty())
    return fmt::print(stderr, "{}", app.help()), static_cast<int>(ErrorKind::kUsage);
  const auto commands = app.get_subcommands(
      [&first](const CLI::App* command) { return command->get_name() == first; });
  if (first.front() != '-' && commands.empty()) {
    return UsageError(
        fmt::format("no command '{}'; commands: trace, inspect, doctor, replay", first));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what());
  }
  if (*help) {
    if (topic.empty()) return fmt::print("{}", app.help()), 0;
    for (auto* command : {trace, inspect, doctor, replay}) {
      if (command->get_name() == topic) return fmt::print("{}", command->help("gotls")), 0;
    }
    return UsageError(fmt::format("no command named '{}'", topic));
  }
  line.command = *trace     ? Command::kTrace
                 : *inspect ? Command::kInspect
                 : *doctor  ? Command::kDoctor
                            : Command::kReplay;
  if (const std::string wrong = Finish(line, raw); !wrong.empty()) return UsageError(wrong);
  return line;
}

}  // namespace gotls
