// Any script of runs and gaps: the decoder ends, reports each exchange once, and finds the same at
// every split as long as it never lost its place.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "decode/http1/test_http1.h"

namespace gotls {
namespace {

using testing::RunResult;
using testing::RunScript;
using testing::Script;
using testing::Split;
using testing::Step;

// The input's first line is digits: the sizes of pieces, and whether the connection was joined
// ("j"). Each other line that begins with '>' starts a run of the client, '<' one of the server;
// ">-N" and "<-N" are gaps. Without the mark, a line goes on with the run before. A mark is
// followed by bytes up to the next LF, which belongs to them.
struct Input {
  Script script;
  std::string sizes;
  bool joined = false;
};

void AddLine(std::string_view line, Script& script) {
  const bool marked = line.starts_with('>') || line.starts_with('<');
  if (!marked && script.empty()) return;
  if (!marked) {
    script.back().bytes += line;
    return;
  }
  Step step{line.front() == '>', {}};
  line.remove_prefix(1);
  if (line.starts_with('-')) {
    step.gap = std::strtoul(std::string(line.substr(1, 6)).c_str(), nullptr, 10);
  } else {
    step.bytes = line;
  }
  if (step.gap > 0 || !step.bytes.empty()) script.push_back(step);
}

Input ReadInput(std::string_view text) {
  Input input;
  const std::size_t first = text.substr(0, 64).find('\n');
  if (first == std::string_view::npos) return input;
  input.sizes = text.substr(0, first);
  input.joined = input.sizes.starts_with('j');
  text.remove_prefix(first + 1);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    AddLine(text.substr(0, size), input.script);
    text.remove_prefix(size);
  }
  // A gap that got text behind it: the text is a run of its own.
  Script script;
  for (Step& step : input.script) {
    if (step.gap > 0 && !step.bytes.empty()) {
      script.push_back({step.request, {}, step.gap});
      step.gap = 0;
    }
    script.push_back(std::move(step));
  }
  input.script = std::move(script);
  return input;
}

void Require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

void CheckPromises(const RunResult& result) {
  Require(result.text.find("TWICE") == std::string::npos, "reported twice", result.text);
  Require(result.text.find("NOT") == std::string::npos, "not ended, or not open", result.text);
}

bool NeverLost(const RunResult& result) {
  return result.counters.decode_malformed == 0 && result.counters.decode_limits == 0 &&
         result.counters.decode_resyncs == 0 && result.counters.decode_skipped_bytes == 0;
}

}  // namespace
}  // namespace gotls

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const gotls::Input input = gotls::ReadInput(text);
  const auto whole = gotls::RunScript(input.script, input.joined);
  std::size_t turn = 0;
  const auto cut = [&](std::size_t left) {
    if (input.sizes.empty()) return left;
    const auto c = static_cast<unsigned char>(input.sizes[turn++ % input.sizes.size()]);
    return std::min<std::size_t>(1 + c % 16, left);
  };
  const auto pieces = gotls::RunScript(gotls::Split(input.script, cut), input.joined);
  // Names in capitals come from the input too; only what can't is looked for there.
  if (text.find("TWICE") == std::string_view::npos && text.find("NOT") == std::string_view::npos) {
    gotls::CheckPromises(whole);
    gotls::CheckPromises(pieces);
  }
  if (gotls::NeverLost(whole) && gotls::NeverLost(pieces)) {
    gotls::Require(whole.text == pieces.text, "splits differ", whole.text + pieces.text);
  }
  return 0;
}
