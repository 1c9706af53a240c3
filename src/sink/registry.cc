#include "sink/registry.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <system_error>

#include "sink/exchange_text.h"
#include "sink/har.h"
#include "sink/hex.h"
#include "sink/json.h"
#include "sink/keylog.h"
#include "sink/pcapng/pcapng.h"
#include "sink/text.h"

namespace gotls {
namespace {

TextStyle StyleFor(const Output& output, const OutputContext& context) {
  const bool color = context.color == ColorMode::kAlways ||
                     (context.color == ColorMode::kAuto && output.file->is_terminal());
  return {color, context.utc};
}

// Of the terminal that gotls runs in; 80 when it doesn't say.
std::size_t TerminalColumns() {
  winsize size{};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO}) {
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

Result<void> MakeText(Output& output, const OutputSpec&, const OutputContext& context) {
  const TextStyle text = StyleFor(output, context);
  if (context.raw) {
    output.sink = MakeTextSink(*output.file, text);
    return {};
  }
  output.wants_bytes = false;
  const bool ask = context.width == 0 && output.file->is_terminal();
  const ExchangeStyle style{text, context.detail, context.pretty,
                            static_cast<std::size_t>(std::max(context.width, 0))};
  output.sink = MakeExchangeTextSink(*output.file, style,
                                     ask ? TerminalColumns : std::function<std::size_t()>{});
  return {};
}

Result<void> MakeHex(Output& output, const OutputSpec&, const OutputContext& context) {
  output.sink = MakeHexSink(*output.file, StyleFor(output, context));
  return {};
}

Result<void> MakeJson(Output& output, const OutputSpec& spec, const OutputContext&) {
  const auto what = spec.options.find("what");
  const auto asked = what == spec.options.end() ? JsonRecords{} : ParseJsonRecords(what->second);
  const JsonRecords records = asked.value_or(JsonRecords{});
  output.sink = MakeJsonSink(*output.file, records);
  output.wants_bytes = records.chunks;
  return {};
}

Result<void> MakeHar(Output& output, const OutputSpec&, const OutputContext& context) {
  auto sink = MakeHarSink(*output.file, context.recording.gotls_version);
  if (!sink) return std::unexpected(sink.error());
  output.sink = std::move(*sink);
  output.wants_bytes = false;
  return {};
}

Result<void> MakePcapng(Output& output, const OutputSpec& spec, const OutputContext& context) {
  const auto hints = spec.options.find("hints");
  auto sink = MakePcapngSink(*output.file, {hints == spec.options.end() || hints->second == "yes",
                                            "gotls " + context.recording.gotls_version});
  if (!sink) return std::unexpected(sink.error());
  output.sink = std::move(*sink);
  return {};
}

Result<void> MakeKeyLog(Output& output, const OutputSpec&, const OutputContext&) {
  output.sink = MakeKeyLogSink(*output.file);
  output.wants_bytes = false;
  return {};
}

Result<void> MakeRecording(Output& output, const OutputSpec&, const OutputContext& context) {
  auto recorder = MakeRecorder(*output.file, context.recording);
  if (!recorder) return std::unexpected(recorder.error());
  output.recorder = std::move(*recorder);
  return {};
}

constexpr OutputOption kJsonOptions[] = {
    {"what", "all (the default), exchanges, chunks, or two of these joined by +",
     [](std::string_view value) { return ParseJsonRecords(value).has_value(); }},
};

constexpr OutputOption kPcapngOptions[] = {
    {"hints", "yes (the default) or no: tell Wireshark which connections are HTTP",
     [](std::string_view value) { return value == "yes" || value == "no"; }},
};

constexpr OutputFormat kFormats[] = {
    {"text", "a line a request, for eyes (the default)", false, false, {}, MakeText},
    {"hex", "connections and a hexdump of every byte", false, false, {}, MakeHex},
    {"json", "one JSON object a line, for programs", false, true, kJsonOptions, MakeJson},
    {"har", "HTTP archive, for the developer tools of browsers", false, true, {}, MakeHar},
    {"pcapng", "packets with the plaintext and the TLS secrets, for Wireshark", true, true,
     kPcapngOptions, MakePcapng},
    {"keylog", "TLS secrets as SSLKEYLOGFILE has them", false, true, {}, MakeKeyLog},
    {"record", "raw events, for gotls replay", true, true, {}, MakeRecording},
};

const OutputFormat* FindFormat(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &OutputFormat::name);
  return found == std::end(kFormats) ? nullptr : found;
}

std::string FormatNames() {
  std::string names;
  for (const OutputFormat& format : kFormats) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

Result<const OutputFormat*> GetFormat(const std::string& name) {
  if (const OutputFormat* format = FindFormat(name)) return format;
  return Fail(ErrorKind::kUsage, fmt::format("unknown output format '{}'", name), "-o",
              "formats: " + FormatNames());
}

// A `,key=value` at the end of a spec.
struct OptionText {
  std::size_t begin;  // of the comma
  const OutputOption* option;
  std::string_view value;
};

std::optional<OptionText> LastOption(const OutputFormat& format, std::string_view text) {
  const std::size_t comma = text.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view pair = text.substr(comma + 1);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const auto found = std::ranges::find(format.options, pair.substr(0, equals), &OutputOption::name);
  if (found == format.options.end()) return std::nullopt;
  return OptionText{comma, &*found, pair.substr(equals + 1)};
}

Result<void> AddOption(const OutputFormat& format, const OptionText& text, OutputSpec& spec) {
  const auto fail = [&](std::string what) -> Result<void> {
    return Fail(ErrorKind::kUsage, std::move(what), fmt::format("-o {}", format.name),
                fmt::format("{}: {}", text.option->name, text.option->description));
  };
  if (!text.option->valid(text.value)) {
    return fail(fmt::format("'{}' is no value for {}", text.value, text.option->name));
  }
  const bool first = spec.options.emplace(text.option->name, text.value).second;
  return first ? Result<void>{} : fail(fmt::format("{} is there twice", text.option->name));
}

// `text` is ",key=value,..." behind a format without a path.
std::unexpected<Error> UnknownOption(const OutputFormat& format, std::string_view text) {
  std::string known;
  for (const OutputOption& option : format.options) {
    if (!known.empty()) known += ", ";
    known += option.name;
  }
  const std::string_view last = text.substr(text.rfind(',') + 1);
  return Fail(ErrorKind::kUsage,
              fmt::format("'{}' is no option of {}", last.substr(0, last.find('=')), format.name),
              "-o",
              known.empty() ? "it has none; a path comes behind a colon"
                            : "options: " + known + "; a path comes behind a colon");
}

// The same for two outputs that write to one file, whatever they call it.
std::string PlaceOf(const OutputSpec& spec) {
  if (spec.to_stdout()) return {};
  struct stat status {};
  if (::stat(spec.path.c_str(), &status) == 0) {
    // Devices take what comes from several.
    if (S_ISCHR(status.st_mode)) return spec.path;
    return fmt::format("{}:{}", status.st_dev, status.st_ino);
  }
  std::error_code error;
  const auto absolute = std::filesystem::absolute(spec.path, error);
  const auto place = std::filesystem::weakly_canonical(absolute, error);
  return error ? spec.path : place.string();
}

std::unexpected<Error> OnePlace(const OutputSpec& one, const OutputSpec& other) {
  std::string place = "standard output";
  if (!other.to_stdout()) place = "'" + other.path + "'";
  if (one.path != other.path && !other.to_stdout()) place += ", also called '" + one.path + "'";
  return Fail(ErrorKind::kUsage, "two outputs write to " + place, "-o",
              "give one of them a file of its own: FORMAT:PATH");
}

}  // namespace

std::span<const OutputFormat> OutputFormats() { return kFormats; }

Result<OutputSpec> ParseOutputSpec(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(":,"), text.size());
  OutputSpec spec{std::string(text.substr(0, end)), {}};
  const auto format = GetFormat(spec.format);
  if (!format) return std::unexpected(format.error());
  std::string_view path = text.substr(end);
  const bool has_path = path.starts_with(':');
  if (has_path) path.remove_prefix(1);
  while (const auto option = LastOption(**format, path)) {
    if (auto added = AddOption(**format, *option, spec); !added) {
      return std::unexpected(added.error());
    }
    path.remove_suffix(path.size() - option->begin);
  }
  if (!has_path && !path.empty()) return UnknownOption(**format, path);
  spec.path = path;
  if (has_path && path.empty()) {
    return Fail(ErrorKind::kUsage, fmt::format("no path after '{}:'", spec.format), "-o",
                "leave out the colon, or give '-', for standard output");
  }
  return spec;
}

Result<void> CheckOutputSpecs(std::span<const OutputSpec> specs) {
  std::map<std::string, const OutputSpec*> places;
  for (const OutputSpec& spec : specs) {
    const auto [found, added] = places.emplace(PlaceOf(spec), &spec);
    if (!added) return OnePlace(*found->second, spec);
  }
  return {};
}

bool NeedStdoutAlone(std::span<const OutputSpec> specs) {
  return std::ranges::any_of(specs, [](const OutputSpec& spec) {
    const OutputFormat* format = FindFormat(spec.format);
    return spec.to_stdout() && format != nullptr && format->for_programs;
  });
}

Result<void> CheckRotation(std::span<const OutputSpec> specs) {
  for (const OutputSpec& spec : specs) {
    if (spec.format != "record" || spec.to_stdout()) continue;
    return Fail(ErrorKind::kUsage, "a recording can't be rotated", "--rotate",
                "the events of a connection belong together: end it with --duration or --count");
  }
  if (std::ranges::any_of(specs, [](const OutputSpec& spec) { return !spec.to_stdout(); })) {
    return {};
  }
  return Fail(ErrorKind::kUsage, "no output is a file", "--rotate", "give a path: -o FORMAT:PATH");
}

Result<Output> OpenOutput(const OutputSpec& spec, const OutputContext& context) {
  const auto format = GetFormat(spec.format);
  if (!format) return std::unexpected(format.error());
  const bool parts = context.rotate.enabled() && !spec.to_stdout();
  auto file =
      parts ? OutputFile::OpenParts(spec.path, context.rotate) : OutputFile::Open(spec.path);
  if (!file) return std::unexpected(file.error());
  if ((*format)->binary && (*file)->is_terminal()) {
    return Fail(ErrorKind::kUsage, fmt::format("'{}' is not for a terminal", spec.format), "-o",
                fmt::format("give it a file: {}:PATH", spec.format));
  }
  Output output;
  output.name = spec.to_stdout() ? spec.format : spec.format + ":" + spec.path;
  output.file = std::move(*file);
  if (auto made = (*format)->make(output, spec, context); !made)
    return std::unexpected(made.error());
  output.file->EndPreamble();
  return output;
}

ColorMode ColorModeFromEnvironment() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return ColorMode::kNever;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return ColorMode::kNever;
  return ColorMode::kAuto;
}

}  // namespace gotls
