// The output formats that `-o FORMAT[:PATH][,key=value...]` knows.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gotls/error.h"
#include "gotls/sink.h"
#include "sink/output_file.h"
#include "sink/recorder.h"
#include "sink/rotation.h"
#include "sink/text_lines.h"

namespace gotls {

// What the user asked for.
struct OutputSpec {
  std::string format;
  std::string path;                                 // "" and "-": standard output
  std::map<std::string, std::string> options = {};  // keys that the format has, valid values

  [[nodiscard]] bool to_stdout() const { return path.empty() || path == "-"; }
};

enum class ColorMode { kAuto, kAlways, kNever };

// What outputs need to know of the session and of the display.
struct OutputContext {
  ColorMode color = ColorMode::kAuto;  // kAuto: when the output is a terminal
  bool utc = false;                    // times for eyes in UTC, not in local time
  RecordingInfo recording;
  RotateOptions rotate;  // for the outputs that are files

  // text
  int detail = 0;       // 0: a line an exchange, 1: with headers, 2: with bodies
  bool raw = false;     // chunks as they come, no exchanges
  bool pretty = false;  // JSON is laid out
  int width = 0;        // of a line in columns; 0: the terminal's, or no limit in a file
};

// An open output: a sink or a recorder, and the file below it.
struct Output {
  std::string name;                  // "json:/tmp/x"
  std::unique_ptr<OutputFile> file;  // outlives the two below
  std::unique_ptr<Sink> sink;
  std::unique_ptr<EventRecorder> recorder;

  // What passes is shown or kept as it is. False: the decoders' findings, or secrets, are enough.
  bool wants_bytes = true;

  // Other faces of `sink`; null: it has none. Set when a FanOut takes the output.
  ExchangeSink* exchanges = nullptr;
  SecretSink* secrets = nullptr;
};

// A `key=value` that a format has.
struct OutputOption {
  std::string_view name;
  std::string_view description;  // one line, for --help; begins with the values that there are
  bool (*valid)(std::string_view value);
};

struct OutputFormat {
  std::string_view name;
  std::string_view description;  // one line, for --help
  bool binary;                   // never written to a terminal
  bool for_programs;             // on standard output nothing may come between
  std::span<const OutputOption> options;
  // Makes the sink; output.file is open.
  Result<void> (*make)(Output& output, const OutputSpec& spec, const OutputContext& context);
};

std::span<const OutputFormat> OutputFormats();

// kUsage for an unknown format, option or value, naming those that there are. A path may hold
// commas: from its end backwards, each `,key=value` whose key the format has is an option, and the
// first piece that is none ends the path.
Result<OutputSpec> ParseOutputSpec(std::string_view text);

// kUsage when two outputs would write to the same place.
Result<void> CheckOutputSpecs(std::span<const OutputSpec> specs);

// One of them goes to standard output, and is read by a program: nobody else may write there.
bool NeedStdoutAlone(std::span<const OutputSpec> specs);

// kUsage when these outputs can't be rotated.
Result<void> CheckRotation(std::span<const OutputSpec> specs);

// Creates the file and all: call it before anything is attached.
Result<Output> OpenOutput(const OutputSpec& spec, const OutputContext& context);

// kNever when NO_COLOR is set (no-color.org) or the terminal is dumb.
ColorMode ColorModeFromEnvironment();

}  // namespace gotls
