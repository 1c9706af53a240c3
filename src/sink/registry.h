// The output formats that `-o FORMAT[:PATH]` knows.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gotls/error.h"
#include "gotls/sink.h"
#include "sink/output_file.h"
#include "sink/recorder.h"
#include "sink/text_lines.h"

namespace gotls {

// What the user asked for.
struct OutputSpec {
  std::string format;
  std::string path;  // "" and "-": standard output

  [[nodiscard]] bool to_stdout() const { return path.empty() || path == "-"; }
};

enum class ColorMode { kAuto, kAlways, kNever };

// What outputs need to know of the session.
struct OutputContext {
  ColorMode color = ColorMode::kAuto;  // kAuto: when the output is a terminal
  bool utc = false;                    // times for eyes in UTC, not in local time
  RecordingInfo recording;
};

// An open output: a sink or a recorder, and the file below it.
struct Output {
  std::string name;                  // "json:/tmp/x"
  std::unique_ptr<OutputFile> file;  // outlives the two below
  std::unique_ptr<Sink> sink;
  std::unique_ptr<EventRecorder> recorder;
};

struct OutputFormat {
  std::string_view name;
  std::string_view description;  // one line, for --help
  bool binary;                   // never written to a terminal
  Result<void> (*make)(Output& output, const OutputContext& context);  // output.file is open
};

std::span<const OutputFormat> OutputFormats();

// kUsage for an unknown format, naming those that there are.
Result<OutputSpec> ParseOutputSpec(std::string_view text);

// kUsage when two outputs would write to the same place.
Result<void> CheckOutputSpecs(std::span<const OutputSpec> specs);

// Creates the file and all: call it before anything is attached.
Result<Output> OpenOutput(const OutputSpec& spec, const OutputContext& context);

// kNever when NO_COLOR is set (no-color.org) or the terminal is dumb.
ColorMode ColorModeFromEnvironment();

}  // namespace gotls
