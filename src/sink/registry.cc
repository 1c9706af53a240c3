#include "sink/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "sink/hex.h"
#include "sink/json.h"
#include "sink/text.h"

namespace gotls {
namespace {

TextStyle StyleFor(const Output& output, const OutputContext& context) {
  const bool color = context.color == ColorMode::kAlways ||
                     (context.color == ColorMode::kAuto && output.file->is_terminal());
  return {color, context.utc};
}

Result<void> MakeText(Output& output, const OutputContext& context) {
  output.sink = MakeTextSink(*output.file, StyleFor(output, context));
  return {};
}

Result<void> MakeHex(Output& output, const OutputContext& context) {
  output.sink = MakeHexSink(*output.file, StyleFor(output, context));
  return {};
}

Result<void> MakeJson(Output& output, const OutputContext&) {
  output.sink = MakeJsonSink(*output.file);
  return {};
}

Result<void> MakeRecording(Output& output, const OutputContext& context) {
  auto recorder = MakeRecorder(*output.file, context.recording);
  if (!recorder) return std::unexpected(recorder.error());
  output.recorder = std::move(*recorder);
  return {};
}

constexpr OutputFormat kFormats[] = {
    {"text", "connections and their text, for eyes (the default)", false, MakeText},
    {"hex", "the same with a hexdump of every byte", false, MakeHex},
    {"json", "one JSON object a line, for programs", false, MakeJson},
    {"record", "raw events, for gotls replay", true, MakeRecording},
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

}  // namespace

std::span<const OutputFormat> OutputFormats() { return kFormats; }

Result<OutputSpec> ParseOutputSpec(std::string_view text) {
  const std::size_t colon = text.find(':');
  OutputSpec spec{std::string(text.substr(0, colon)), {}};
  if (auto format = GetFormat(spec.format); !format) return std::unexpected(format.error());
  if (colon == std::string_view::npos) return spec;
  spec.path = text.substr(colon + 1);
  if (spec.path.empty()) {
    return Fail(ErrorKind::kUsage, fmt::format("no path after '{}'", text), "-o",
                fmt::format("leave out the colon, or give '-', for standard output"));
  }
  return spec;
}

Result<void> CheckOutputSpecs(std::span<const OutputSpec> specs) {
  std::set<std::string> places;
  for (const OutputSpec& spec : specs) {
    if (places.insert(spec.to_stdout() ? "" : spec.path).second) continue;
    return Fail(ErrorKind::kUsage,
                fmt::format("two outputs write to {}",
                            spec.to_stdout() ? "standard output" : "'" + spec.path + "'"),
                "-o", "give one of them a file of its own: FORMAT:PATH");
  }
  return {};
}

Result<Output> OpenOutput(const OutputSpec& spec, const OutputContext& context) {
  const auto format = GetFormat(spec.format);
  if (!format) return std::unexpected(format.error());
  auto file = OutputFile::Open(spec.path);
  if (!file) return std::unexpected(file.error());
  if ((*format)->binary && (*file)->is_terminal()) {
    return Fail(ErrorKind::kUsage, fmt::format("'{}' is not for a terminal", spec.format), "-o",
                fmt::format("give it a file: {}:PATH", spec.format));
  }
  Output output;
  output.name = spec.to_stdout() ? spec.format : spec.format + ":" + spec.path;
  output.file = std::move(*file);
  if (auto made = (*format)->make(output, context); !made) return std::unexpected(made.error());
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
