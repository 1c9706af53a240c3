// One direction of an HTTP/1 connection: where messages, their heads and bodies begin and end.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "decode/decoder.h"
#include "decode/http1/http1_chunked.h"
#include "decode/http1/http1_head.h"
#include "decode/http1/http1_held.h"
#include "decode/http1/http1_message.h"
#include "decode/http1/http1_section.h"

namespace gotls {

enum class MessageRole : std::uint8_t { kRequest, kResponse };

// How a message, or the order of messages, ended.
struct Ending {
  ExchangeState state = ExchangeState::kComplete;
  std::string detail;
};

// What follows a head.
struct MessagePlan {
  Framing framing{};
  bool interim = false;     // a 1xx response: the message starts again
  bool hold_after = false;  // what follows the message is held until Http1Side::Go or Switch
  // The request is not known: if it was HEAD, there is no body. The next bytes tell.
  bool body_unsure = false;
};

// Who knows how the two directions belong together.
class MessageOwner {
 public:
  virtual ~MessageOwner() = default;
  // A message begins. The writer is good until OnMessageEnd for that role.
  virtual MessageWriter& OnStart(MessageRole role, const ByteOrigin& origin) = 0;
  // `complete`: all of the head is there; else the answer means nothing, and OnMessageEnd follows.
  virtual std::expected<MessagePlan, HeadError> OnHead(MessageRole role, std::string_view head,
                                                       bool complete) = 0;
  // The message's writer has ended.
  virtual void OnMessageEnd(MessageRole role, const Ending& ending) = 0;
  // The order of messages in this direction is lost, or still is: an unknown number of them passes
  // before the next one that starts.
  virtual void OnLost(MessageRole role, const Ending& why) = 0;
  // Whether a start line that comes now, out of nowhere, is believed.
  virtual bool MayResync(MessageRole role) = 0;
};

// Bytes in any split, but for one thing: a direction that is lost finds itself again only where a
// run of bytes begins with a start line. A program writes and reads a message's head by itself, as
// a rule, whereas inside a body anything can stand.
class Http1Side {
 public:
  Http1Side(MessageRole role, MessageOwner& owner, const DecodeContext& context, bool lost);

  void OnData(Bytes bytes, const ByteOrigin& origin);
  void OnGap(std::uint64_t length, ByteOrigin origin);
  void OnSkipped(std::uint64_t length, const ByteOrigin& origin);
  void OnEnd();

  // What follows the message whose plan said hold_after is HTTP.
  void Go();
  // ... or it is not, and goes to `writer`, to the end of the connection. No message is in
  // progress.
  void Switch(MessageWriter& writer);
  // ... or nobody knows.
  void Abandon(const Ending& why);
  // The message in progress, whose body was unsure, had none.
  void EndWithoutBody();

  [[nodiscard]] bool lost() const { return state_ == State::kLost; }
  [[nodiscard]] bool unsure() const { return state_ == State::kUnsure; }

 private:
  enum class State : std::uint8_t {
    kLost,      // held_: runs that may be a start line
    kStart,     // between messages
    kHead,      // section_
    kUnsure,    // body or next message? held_: the bytes so far
    kBody,      // by framing_
    kTrailers,  // section_
    kHeld,      // behind a message: held_
  };
  enum class After : std::uint8_t { kStart, kHeld, kLost };

  // These take bytes off the front and return how many. Either they take some or the state changes
  // towards one that does.
  std::size_t Step(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepLost(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepStart(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepHead(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepUnsure(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepBody(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepChunked(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepTrailers(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepHeld(Bytes bytes, const ByteOrigin& origin);

  void Feed(Bytes bytes, ByteOrigin origin);
  void ReplayHeld();
  void GapInBody(std::uint64_t length, ByteOrigin origin);
  // Of the body in progress, as far as that is known.
  [[nodiscard]] std::uint64_t BodyLeft() const;
  // `next` is the position of the next byte.
  void SayUnwanted(StreamPosition next);
  [[nodiscard]] Guess GuessStart(std::string_view start) const;
  void UseHead(std::string_view head);
  void CutHead();
  void EnterBody();
  void EndMessage(const Ending& ending);
  void Lose(const Ending& why);
  // The message in progress ends with the order of messages.
  void Break(const Ending& why);
  void Reject(const HeadError& error);
  [[nodiscard]] Ending Missing(std::uint64_t length, std::string_view before_name,
                               std::string_view behind_name) const;
  [[nodiscard]] std::string_view Name() const;

  const MessageRole role_;
  MessageOwner& owner_;
  DecodeObserver& observer_;
  const Direction direction_;
  DecodeCounters& counters_;
  State state_;
  After after_ = After::kStart;       // what follows the message in progress
  bool run_start_ = false;            // the next byte is the first of a run
  MessageWriter* message_ = nullptr;  // in progress
  MessagePlan plan_;
  std::uint64_t left_ = 0;  // of a body of known length
  ChunkedReader chunked_;
  StreamPosition unwanted_;  // where the bytes end that were last said to be unwanted
  SectionReader section_;
  Http1HeldRuns held_;
};

}  // namespace gotls
