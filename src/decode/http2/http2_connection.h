// The frames of both directions, joined into streams.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "decode/decoder.h"
#include "decode/http2/exchange_builder.h"
#include "decode/http2/frame_reader.h"
#include "decode/http2/header_list.h"
#include "decode/http2/header_table.h"
#include "decode/http2/id_window.h"
#include "decode/http2/stream_table.h"

namespace gotls {

class Http2Connection final : public Decoder, private FrameSink {
 public:
  Http2Connection(const DecodeContext& context, bool joined);

  void OnData(Direction direction, Bytes bytes, const ByteOrigin& origin) override;
  void OnGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) override;
  void OnTick(WallTime now) override;
  void OnSkipped(Direction direction, std::uint64_t length, const ByteOrigin& origin) override;
  void OnEnd(WallTime time) override;

 private:
  void OnData(Direction direction, const DataPiece& piece) override;
  void OnHeaderBlock(Direction direction, const HeaderBlock& block) override;
  void OnControl(Direction direction, const FrameHeader& header, Bytes payload,
                 const ByteOrigin& last) override;
  void OnLoss(Direction direction, const FrameLoss& loss) override;
  void OnFound(Direction direction) override;

  bool FromClient(Direction direction) const { return direction == context_.requests; }
  FrameReader& Reader(bool from_client) { return from_client ? client_ : server_; }
  IdWindow& Window(std::uint32_t id) { return id % 2 == 1 ? requested_ : pushed_; }

  // The stream of a frame, begun by it when that can be; null: there is none, or none any more.
  Stream* StreamFor(std::uint32_t id, bool from_client, bool is_block);
  bool SeesNewResponses() const;
  void DoubtResponse(Stream& stream);
  Stream& Begin(std::uint32_t id);
  void OnRequestHead(Stream& stream);
  void SayUnwanted(Direction direction, const DataPiece& piece);
  void OnLostBlock(const HeaderBlock& block, bool from_client);
  void OnPromise(const HeaderBlock& block);
  void OnSettings(bool from_client, Bytes payload);
  void OnReset(Direction direction, std::uint32_t id, Bytes payload);
  void HoldReset(Stream& stream, const HeldReset& reset);
  void EndReset(Stream& stream, std::optional<std::uint32_t> code);
  void EndHeldResets(WallTime now);
  void OnGoaway(bool from_client, Bytes payload);

  void EndSide(Stream& stream, bool from_client);
  void EndWhole(Stream& stream);
  void End(Stream& stream, ExchangeState state, std::string_view detail);
  void Sweep(WallTime now);

  DecodeContext context_;
  ExchangeBuilder builder_;
  FrameReader client_;
  FrameReader server_;
  // The header tables of what the client sends, and of what the server sends.
  HeaderTable client_table_;
  HeaderTable server_table_;
  HeaderList fields_;
  StreamTable streams_;
  IdWindow requested_;                      // streams that the client begins
  IdWindow pushed_;                         // and the server
  std::array<StreamPosition, 2> unwanted_;  // by direction: the end of what was last said to be so
  bool joined_;                             // and nothing has come yet
  WallTime now_;
  WallTime server_sure_from_;
  std::optional<FrameLoss> server_loss_;  // the last one
  std::optional<WallTime> sweep_at_;
  bool writes_late_ = false;               // they are seen when they return
  std::optional<WallTime> end_resets_at_;  // none: no stream has a held reset
  unsigned goaways_ = 0;
};

}  // namespace gotls
