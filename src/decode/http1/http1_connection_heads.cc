// What heads mean for an Http1Connection.
#include "decode/http1/http1_connection.h"
#include "decode/http1/http1_head.h"
#include "decode/message/message_parser.h"

namespace gotls {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr std::size_t kMaxInformational = 100;

// Applications whose messages are in ordinary bodies.
bool HasMessages(Application application) {
  return application == Application::kGrpc || application == Application::kGrpcWeb ||
         application == Application::kConnect || application == Application::kServerSentEvents;
}

}  // namespace

std::expected<MessagePlan, HeadError> Http1Connection::OnHead(MessageRole role,
                                                              std::string_view head,
                                                              bool complete) {
  const bool request = role == MessageRole::kRequest;
  Http1Exchange& in = request ? *sending_ : *receiving_;
  HttpMessage& message = request ? in.exchange.request : in.exchange.response;
  message.headers.swap(request ? in.spare_request_fields : in.spare_response_fields);
  message.head_complete = complete;
  return request ? OnRequestHead(head, complete) : OnResponseHead(head, complete);
}

std::expected<MessagePlan, HeadError> Http1Connection::OnRequestHead(std::string_view head,
                                                                     bool complete) {
  Http1Exchange& in = *sending_;
  const auto facts = ReadRequestHead(head, in.exchange);
  in.request_read = !in.exchange.method.empty();
  in.connect = in.exchange.method == "CONNECT";
  if (!facts) return std::unexpected(facts.error());
  if (!complete) return MessagePlan{};
  if (waiting_.size() > kMaxWaiting) {
    return std::unexpected(HeadError{"more than 1000 wait for responses", true});
  }
  const auto framing = RequestFraming(*facts, in.exchange.version);
  if (!framing) return std::unexpected(framing.error());
  in.may_switch = in.connect || (!facts->upgrade.empty() && facts->connection_upgrade);
  RecognizeApplication(in.exchange);
  if (framing->kind != Framing::Kind::kNone) {
    ExpectBody(in, MessageRole::kRequest, facts->content_encoding);
  }
  MessagePlan plan{*framing};
  // A request whose response is not told can't say what follows it.
  plan.hold_after = in.may_switch && in.open_ends == 2;
  return plan;
}

std::expected<MessagePlan, HeadError> Http1Connection::OnResponseHead(std::string_view head,
                                                                      bool complete) {
  Http1Exchange& in = *receiving_;
  const int interim = InterimStatus(head);
  if (complete && interim != 0 && interim != kSwitchingProtocols) return OnInterim(interim);
  const auto facts = ReadResponseHead(head, in.exchange);
  if (!facts) return std::unexpected(facts.error());
  if (!complete) return MessagePlan{};
  const int status = in.exchange.status;
  if (status == kSwitchingProtocols) return SwitchProtocols(in, facts->upgrade);
  if (in.connect && status / 100 == 2) return SwitchProtocols(in, {});
  const bool head_only = in.exchange.method == "HEAD";
  const auto framing = ResponseFraming(*facts, in.exchange.version, status, head_only);
  if (!framing) return std::unexpected(framing.error());
  RecognizeApplication(in.exchange);
  if (framing->kind != Framing::Kind::kNone) {
    ExpectBody(in, MessageRole::kResponse, facts->content_encoding);
  }
  if (HasMessages(in.exchange.application)) ReportOpen(in);
  if (in.may_switch) requests_.Go();
  MessagePlan plan{*framing};
  plan.body_unsure = !in.request_read;
  return plan;
}

MessagePlan Http1Connection::OnInterim(int status) {
  Exchange& exchange = receiving_->exchange;
  exchange.response.headers.swap(receiving_->spare_response_fields);
  exchange.response.seen = false;
  exchange.response.first = {};
  exchange.response.goroutine = 0;
  if (exchange.informational.size() < kMaxInformational) {
    exchange.informational.push_back(status);
  } else {
    ++context_.counters.decode_limits;
  }
  MessagePlan plan;
  plan.interim = true;
  return plan;
}

std::expected<MessagePlan, HeadError> Http1Connection::SwitchProtocols(Http1Exchange& in,
                                                                       std::string_view to) {
  if (sending_ != nullptr || !waiting_.empty()) {
    return std::unexpected(HeadError{"protocols are switched while requests are under way"});
  }
  Exchange& exchange = in.exchange;
  exchange.upgrade.assign(to);
  RecognizeApplication(exchange);
  if (exchange.application == Application::kWebSocket) {
    in.request.SetParser(MakeParser(in, MessageRole::kRequest));
    in.response.SetParser(MakeParser(in, MessageRole::kResponse));
  } else {
    exchange.application = Application::kTunnel;
    in.request.SetTunnel(context_.observer, context_.requests);
    in.response.SetTunnel(context_.observer, Opposite(context_.requests));
  }
  ReportOpen(in);
  sending_ = &in;
  ++in.open_ends;
  requests_.Switch(in.request);
  return MessagePlan{{Framing::Kind::kUntilClose, 0}};
}

void Http1Connection::ExpectBody(Http1Exchange& in, MessageRole role,
                                 std::string_view content_encoding) {
  const bool request = role == MessageRole::kRequest;
  MessageWriter& writer = request ? in.request : in.response;
  writer.ExpectBody(content_encoding, context_.options.max_body);
  if (HasMessages(in.exchange.application)) writer.SetParser(MakeParser(in, role));
}

std::unique_ptr<MessageParser> Http1Connection::MakeParser(Http1Exchange& in, MessageRole role) {
  return MakeMessageParser(in.exchange, role == MessageRole::kRequest, context_,
                           [this, &in](Message& message) {
                             ReportOpen(in);
                             if (message.kind == MessageKind::kClose) in.close_frame = true;
                             context_.observer.OnMessage(in.exchange, message);
                           });
}

}  // namespace gotls
