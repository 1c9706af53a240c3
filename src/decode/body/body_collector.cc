#include "decode/body/body_collector.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/body/coding_chain.h"

namespace gotls {

BodyCollector::BodyCollector(Body& out, std::string_view content_encoding, std::size_t max_content)
    : out_(out), max_content_(max_content) {
  out_.content_encoding = content_encoding;
  if (content_encoding.empty()) return;
  auto chain =
      MakeCodingChain(content_encoding, std::max<std::uint64_t>(kDecodedLimit, max_content));
  if (!chain) {
    refused_ = std::move(chain.error());
  } else if (max_content > 0) {
    decoder_ = std::move(*chain);
  } else {
    undecoded_ = *chain != nullptr;
  }
}

void BodyCollector::Push(Bytes bytes) {
  if (bytes.empty()) return;
  out_.wire_bytes += bytes.size();
  if (decoder_) {
    Decode(bytes);
    return;
  }
  if (undecoded_) out_.decoded_bytes_exact = false;
  if (!refused_.empty() && out_.problem.empty()) {
    out_.problem = refused_;  // not before there are bytes: an empty body has no problem
    out_.decoded_bytes_exact = false;
  }
  if (out_.decoded_bytes_exact) out_.decoded_bytes += bytes.size();
  Keep(bytes);
}

void BodyCollector::Gap(std::uint64_t length) {
  if (length == 0) return;
  if (decoder_) {
    Fail(fmt::format("{}: bytes are missing at {}", out_.content_encoding, out_.wire_bytes));
  }
  out_.missing += length;
  out_.truncated = true;
  open_ = false;
}

void BodyCollector::Skip(std::uint64_t length) {
  if (length == 0) return;
  if (decoder_ || undecoded_ || !refused_.empty()) out_.decoded_bytes_exact = false;
  decoder_.reset();
  out_.wire_bytes += length;
  out_.skipped += length;
  if (out_.decoded_bytes_exact) out_.decoded_bytes += length;
  out_.truncated = true;
  open_ = false;
}

void BodyCollector::End(bool complete) {
  out_.complete = complete && out_.missing == 0;
  if (decoder_ && out_.complete && out_.wire_bytes > 0 && !decoder_->AtEnd()) {
    Fail(out_.content_encoding + ": ends early");
  }
  decoder_.reset();
  raw_ = {};
  open_ = false;
}

void BodyCollector::Decode(Bytes bytes) {
  if (out_.decoded_bytes == 0) {
    raw_ += AsText(bytes.first(std::min(max_content_ - raw_.size(), bytes.size())));
  }
  bool enough = false;
  const auto pushed = decoder_->Push(bytes, [this, &enough](Bytes decoded) {
    enough = !OnDecoded(decoded);
    return !enough;
  });
  if (out_.decoded_bytes > 0) raw_ = {};
  if (!pushed) {
    Fail(pushed.error());
  } else if (enough) {
    out_.decoded_bytes_exact = false;
    decoder_.reset();
  }
}

bool BodyCollector::OnDecoded(Bytes decoded) {
  // Counted to the limit's byte, so that the figure does not depend on how the bytes were split.
  const std::uint64_t limit = std::max<std::uint64_t>(kDecodedLimit, max_content_);
  const std::uint64_t room = limit - out_.decoded_bytes;
  const bool fits = decoded.size() <= room;
  Keep(decoded);
  out_.decoded_bytes += fits ? decoded.size() : room;
  return fits;
}

void BodyCollector::Keep(Bytes content) {
  if (!open_) {
    out_.truncated = true;
    return;
  }
  const std::size_t room = max_content_ - out_.content.size();
  out_.content += AsText(content.first(std::min(room, content.size())));
  if (content.size() <= room) return;
  out_.truncated = true;
  open_ = false;
}

void BodyCollector::Fail(std::string problem) {
  decoder_.reset();
  out_.problem = std::move(problem);
  out_.decoded_bytes_exact = false;
  if (out_.decoded_bytes > 0) {
    out_.truncated = true;
    open_ = false;
    return;
  }
  out_.content = std::move(raw_);
  if (out_.content.size() < out_.wire_bytes) {
    out_.truncated = true;
    open_ = false;
  }
}

}  // namespace gotls
