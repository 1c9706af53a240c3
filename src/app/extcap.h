// Wireshark's extcap interface: gotls in Wireshark's list of capture interfaces.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gotls {

// What Wireshark asked to be told: for standard output.
struct ExtcapAnswer {
  std::string text;
  int exit_code = 0;
};

// What Wireshark asked to be done, in the words of gotls's own command line, without the program's
// name: "trace", "-o", "pcapng:/tmp/fifo", ...
using ExtcapCommand = std::vector<std::string>;

// `arguments` are those behind the program's name. Nothing: Wireshark did not call. Wireshark asks
//   --extcap-interfaces [--extcap-version=4.0]     which interfaces there are
//   --extcap-interface=gotls --extcap-dlts         what their packets are
//   --extcap-interface=gotls --extcap-config       which options there are
//   --extcap-interface=gotls --extcap-capture-filter=EXPR      whether that is a filter
//   --capture --extcap-interface=gotls --fifo=PATH [--extcap-capture-filter=EXPR] [options]
std::optional<std::variant<ExtcapAnswer, ExtcapCommand>> ParseExtcap(
    const std::vector<std::string>& arguments);

}  // namespace gotls
