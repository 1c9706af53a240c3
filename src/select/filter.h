// --filter: which exchanges go to the sinks. The language is described in docs/filters.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gotls/error.h"
#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

struct FilterNode;

// Kleene's three truth values, in his order.
enum class Tri : std::uint8_t { kFalse, kUnknown, kTrue };

// A parsed expression. Cheap to copy, may be shared by threads. Made without an expression it
// matches everything.
class Filter {
 public:
  static constexpr std::size_t kMaxLength = 4096;  // bytes of an expression
  static constexpr std::size_t kMaxDepth = 64;     // of parentheses and negations

  Filter() = default;

  // ErrorKind::kUsage when it is not in the language: `what` names the column, and on two more
  // lines shows the expression with a mark below the place.
  static Result<Filter> Parse(std::string_view expression);

  // kUnknown when it depends on what is not known, or not known yet: an open exchange may still get
  // a status, and gets larger and slower. To be asked before redaction: a header value that was
  // redacted is not known.
  [[nodiscard]] Tri Match(const Connection& connection, const Exchange& exchange) const;

  // What the connection alone tells, for outputs of raw bytes: all that is of exchanges is unknown.
  [[nodiscard]] Tri MatchConnection(const Connection& connection) const;

  // Whether it names fields that only exchanges have; other ones than a process has.
  [[nodiscard]] bool IsAboutExchanges() const;
  [[nodiscard]] bool IsAboutMoreThanProcesses() const;

  // Whether to show it. An open exchange that may still match is shown; of one that has ended, what
  // is not known matches nothing.
  [[nodiscard]] bool Accepts(const Connection& connection, const Exchange& exchange) const;

 private:
  explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}

  std::shared_ptr<const FilterNode> root_;
};

// The fields and operators in a few lines, for help texts.
std::string FilterHelp();

}  // namespace gotls
