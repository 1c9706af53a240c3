#include "sink/exchange_line.h"

#include <algorithm>

#include "sink/display_text.h"
#include "sink/exchange_target.h"
#include "sink/exchange_words.h"
#include "sink/json_text.h"
#include "sink/paint.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

constexpr std::size_t kVeryWideColumns = 160;
constexpr std::size_t kMaxMethodColumns = 7;
constexpr std::size_t kMinTargetColumns = 12;  // whatever the screen's width is

// The longest name has 15 bytes, and a pid up to 7 digits.
std::size_t ProcessColumns(const ExchangeStyle& style) {
  if (IsNarrow(style)) return 13;
  return style.width >= kVeryWideColumns ? 24 : 16;
}

std::string_view StatusStyle(int status) {
  switch (status / 100) {
    case 1:
      return "34";
    case 2:
      return "32";
    case 3:
      return "36";
    case 4:
      return "33";
    case 5:
      return paint::kWarning;
    default:
      return paint::kDim;
  }
}

// "-" when nothing came, "?" when we don't know what came.
std::string_view NoResponse(const Exchange& exchange) {
  const bool cut_off =
      exchange.state == ExchangeState::kClosed || exchange.state == ExchangeState::kReset;
  return cut_off && !exchange.response.seen && exchange.response.wire_bytes == 0 ? "-" : "?";
}

std::string_view MethodLabel(const Exchange& exchange) {
  switch (exchange.application) {
    case Application::kGrpc:
      return "gRPC";
    case Application::kGrpcWeb:
      return "gRPCweb";
    case Application::kConnect:
      return "Connect";
    case Application::kWebSocket:
      return "WS";
    case Application::kServerSentEvents:
      return "SSE";
    case Application::kHttp:
    case Application::kTunnel:
      break;
  }
  return exchange.method;
}

bool IsUnary(const Exchange& exchange) {
  return exchange.client_messages <= 1 && exchange.server_messages <= 1 && exchange.rpc.has_value();
}

void AppendMessageCounts(std::string& out, const Exchange& exchange) {
  if (exchange.client_messages + exchange.server_messages == 0) return;
  const bool events = exchange.application == Application::kServerSentEvents;
  if (!events) {
    AppendNumber(out, exchange.client_messages);
    out += " from client, ";
  }
  AppendNumber(out, exchange.server_messages);
  out += events ? " events" : " from server";
}

void AppendRpcTrouble(std::string& out, const Rpc& rpc) {
  if (rpc.status.value_or(0) == 0) return;
  const std::string_view name = GrpcStatusName(*rpc.status);
  out += name.empty() ? "unknown status" : name;
  if (rpc.status_message.empty()) return;
  out += ": ";
  AppendSafe(out, rpc.status_message);
}

}  // namespace

WallTime FirstTime(const Exchange& exchange) {
  return exchange.request.first != WallTime{} ? exchange.request.first : exchange.response.first;
}

WallTime LastTime(const Exchange& exchange) {
  return std::max(exchange.request.last, exchange.response.last);
}

void ExchangeLine::Append(std::string& out, const Connection& connection, const Exchange& exchange,
                          ExchangeMoment moment, WallTime last) {
  const WallTime time = moment == ExchangeMoment::kEnd ? last : FirstTime(exchange);
  std::size_t used =
      AppendBegin(out, time, exchange.id, style_.detail > 0 || HasMessages(exchange));
  used += AppendProcess(out, connection.process);
  static constexpr std::string_view kArrows[] = {"--", "->", "<-"};  // by role
  static constexpr std::string_view kStyles[] = {paint::kDim, paint::kSent, paint::kReceived};
  const auto role = static_cast<std::size_t>(connection.role);
  used += Column(out, kStyles[role], kArrows[role], 2);
  used += AppendStatus(out, exchange);
  used += AppendLatency(out, exchange, moment, last);
  used += AppendSize(out, exchange, moment);
  used += AppendMethod(out, exchange);
  AppendTarget(out, connection, exchange, moment, time, used);
  out += '\n';
}

void ExchangeLine::AppendDay(std::string& out, WallTime time) {
  const std::string_view day = clock_.NewDay(time);
  if (day.empty()) return;
  scratch_ = "-- ";
  scratch_ += day;
  Paint(out, style_.text.color, paint::kDim, scratch_);
  out += '\n';
}

std::size_t ExchangeLine::AppendBegin(std::string& out, WallTime time, ExchangeId id,
                                      bool lines_follow) {
  if (names_days_) AppendDay(out, time);
  scratch_.clear();
  clock_.Append(scratch_, time);
  const std::size_t columns = scratch_.size() + 1;
  Paint(out, style_.text.color, paint::kDim, scratch_);
  out += ' ';
  scratch_ = "#";
  AppendNumber(scratch_, id.value);
  return columns + Column(out, lines_follow ? paint::TagStyle(id.value) : paint::kDim, scratch_,
                          IsNarrow(style_) ? 4 : 5);
}

// `text` is harmless. Returns the columns taken, with the space behind.
std::size_t ExchangeLine::Column(std::string& out, std::string_view style, std::string_view text,
                                 std::size_t width, bool right) {
  const std::size_t columns = DisplayWidth(text);
  const std::size_t fill = columns < width ? width - columns : 0;
  if (right) out.append(fill, ' ');
  Paint(out, style_.text.color, style, text);
  out.append(right ? 1 : fill + 1, ' ');
  return columns + fill + 1;
}

std::size_t ExchangeLine::AppendProcess(std::string& out, const Process& process) {
  const std::size_t width = ProcessColumns(style_);
  scratch_.clear();
  AppendSafe(scratch_, process.comm.empty() ? "?" : process.comm);
  peer_ = "[";
  AppendNumber(peer_, process.pid);
  peer_ += ']';
  const std::size_t room = width > peer_.size() ? width - peer_.size() : 1;
  const std::size_t limit = style_.width == 0 ? scratch_.size() : room;
  const std::size_t columns = AppendCutEnd(out, scratch_, limit) + peer_.size();
  Paint(out, style_.text.color, paint::kDim, peer_);
  const std::size_t fill = columns < width ? width - columns : 0;
  out.append(fill + 1, ' ');
  return columns + fill + 1;
}

std::size_t ExchangeLine::AppendStatus(std::string& out, const Exchange& exchange) {
  const bool open = exchange.state == ExchangeState::kOpen;
  scratch_.clear();
  if (exchange.rpc && exchange.rpc->status) {
    const std::uint32_t status = *exchange.rpc->status;
    if (status == 0) return Column(out, "32", "OK", 3);
    AppendNumber(scratch_, status);
    return Column(out, "31", scratch_, 3);
  }
  const bool says_nothing = exchange.rpc.has_value() && exchange.status == 200;
  if (exchange.status <= 0 || says_nothing) {
    return Column(out, paint::kDim, open ? "..." : NoResponse(exchange), 3);
  }
  AppendNumber(scratch_, static_cast<std::uint64_t>(exchange.status));
  return Column(out, StatusStyle(exchange.status), scratch_, 3);
}

std::size_t ExchangeLine::AppendLatency(std::string& out, const Exchange& exchange,
                                        ExchangeMoment moment, WallTime last) {
  constexpr std::size_t kColumns = 6;
  if (moment == ExchangeMoment::kOpen) return Column(out, paint::kBold, "open", kColumns, true);
  const bool known = exchange.request.first != WallTime{} &&
                     (exchange.response.last != WallTime{} || moment == ExchangeMoment::kEnd);
  if (!known) return Column(out, paint::kDim, NoResponse(exchange), kColumns, true);
  scratch_.clear();
  AppendShortDuration(scratch_, ElapsedNs(exchange.request.first, last));
  return Column(out, {}, scratch_, kColumns, true);
}

// What passed of the response's body, captured or not.
std::size_t ExchangeLine::AppendSize(std::string& out, const Exchange& exchange,
                                     ExchangeMoment moment) {
  constexpr std::size_t kColumns = 5;
  if (moment == ExchangeMoment::kOpen) return Column(out, {}, "", kColumns);
  const Body& body = exchange.response.body;
  if (exchange.application == Application::kWebSocket) return Column(out, {}, "", kColumns);
  if (!exchange.response.seen && body.wire_bytes + body.missing == 0) {
    return Column(out, paint::kDim, NoResponse(exchange), kColumns, true);
  }
  scratch_.clear();
  AppendShortSize(scratch_, body.wire_bytes + body.missing);
  return Column(out, {}, scratch_, kColumns, true);
}

std::size_t ExchangeLine::AppendMethod(std::string& out, const Exchange& exchange) {
  const std::string_view label = MethodLabel(exchange);
  if (label.empty()) return Column(out, paint::kDim, "?", kMaxMethodColumns);
  scratch_.clear();
  AppendSafe(scratch_, label);
  if (style_.width == 0 || scratch_.size() <= kMaxMethodColumns) {
    return Column(out, paint::kBold, scratch_, kMaxMethodColumns);
  }
  peer_.clear();
  AppendCutEnd(peer_, scratch_, kMaxMethodColumns);
  return Column(out, paint::kBold, peer_, kMaxMethodColumns);
}

void ExchangeLine::AppendTarget(std::string& out, const Connection& connection,
                                const Exchange& exchange, ExchangeMoment moment, WallTime time,
                                std::size_t used) {
  peer_.clear();
  path_.clear();
  AppendTargetParts(peer_, path_, connection, exchange);
  const std::string_view style = MakeRemark(exchange, moment);
  const std::size_t columns =
      style_.width == 0
          ? std::string::npos
          : std::max(kMinTargetColumns, style_.width > used ? style_.width - used : 0);
  AppendPlace(out, columns, exchange);
  if (remark_.empty()) return;
  const std::size_t width = DisplayWidth(peer_) + DisplayWidth(path_) + 2 + DisplayWidth(remark_);
  if (width <= columns) return Paint(out += "  ", style_.text.color, style, remark_);
  AppendRemarkLine(out, exchange, time, style);
}

// Fills remark_, and returns its style.
std::string_view ExchangeLine::MakeRemark(const Exchange& exchange, ExchangeMoment moment) {
  remark_.clear();
  if (exchange.rpc) AppendRpcTrouble(remark_, *exchange.rpc);
  if (moment != ExchangeMoment::kOpen) {
    if (!remark_.empty() && exchange.state != ExchangeState::kComplete) remark_ += "; ";
    AppendTrouble(remark_, exchange);
  }
  if (!remark_.empty()) return paint::kWarning;
  if (moment != ExchangeMoment::kOpen && !IsUnary(exchange)) AppendMessageCounts(remark_, exchange);
  if (remark_.empty() && exchange.pushed) remark_ = "pushed";
  if (remark_.empty() && exchange.application == Application::kTunnel &&
      !exchange.upgrade.empty()) {
    remark_ = "to ";
    AppendSafe(remark_, exchange.upgrade);
  }
  return paint::kDim;
}

// What doesn't fit gets a line of its own: it says why something went wrong.
void ExchangeLine::AppendRemarkLine(std::string& out, const Exchange& exchange, WallTime time,
                                    std::string_view style) {
  out += '\n';
  const std::size_t used = AppendBegin(out, time, exchange.id, true) + 2;
  scratch_.clear();
  AppendCutEnd(scratch_, remark_,
               std::max(kMinTargetColumns, style_.width > used ? style_.width - used : 0));
  Paint(out += "  ", style_.text.color, style, scratch_);
}

// A long peer leaves the path more than half of the room. Of a call's path the end tells most: the
// method.
void ExchangeLine::AppendPlace(std::string& out, std::size_t columns, const Exchange& exchange) {
  const bool limited = columns != std::string::npos;
  scratch_.clear();
  std::size_t taken = 0;
  if (limited) {
    const std::size_t path_width = DisplayWidth(path_);
    const std::size_t spare = columns > path_width ? columns - path_width : 0;
    taken = AppendCutEnd(scratch_, peer_, std::max(spare, columns * 2 / 5));
  }
  const std::string_view peer = limited ? scratch_ : peer_;
  Paint(out, style_.text.color, peer == "?" ? paint::kDim : "", peer);
  if (exchange.path.empty()) return Paint(out, style_.text.color, paint::kDim, path_);
  if (!limited) {
    out += path_;
  } else {
    std::size_t room = columns > taken ? columns - taken : 0;
    if (!exchange.rpc) return (void)AppendCutMiddle(out, path_, room);
    std::string_view path = path_;
    if (room > 0 && path.starts_with(' ')) {
      path.remove_prefix(1);
      --room;
      out += ' ';
    }
    AppendCutBegin(out, path, room);
  }
}

}  // namespace gotls
