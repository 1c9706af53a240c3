#include "decode/http1/http1_exchange.h"

#include <memory>

namespace gotls {
namespace {

constexpr std::size_t kKeptFields = 64;
constexpr std::size_t kKeptExchanges = 2;

void KeepFields(std::vector<HeaderField>& fields, std::vector<HeaderField>& spare) {
  if (!fields.empty() && fields.size() <= kKeptFields) spare.swap(fields);
}

}  // namespace

void Http1Exchange::Reset() {
  KeepFields(exchange.request.headers, spare_request_fields);
  KeepFields(exchange.response.headers, spare_response_fields);
  request.Reset();
  response.Reset();
  // Faster than an assignment, which moves each of many strings.
  std::destroy_at(&exchange);
  std::construct_at(&exchange);
  open_ends = 2;
  reported = request_read = connect = may_switch = by_order_alone = close_frame = false;
  ending = {};
}

Http1Exchange& Http1ExchangePool::Take() {
  if (free_.empty()) {
    free_.push_back(all_.emplace_back(std::make_unique<Http1Exchange>()).get());
  }
  Http1Exchange& taken = *free_.back();
  free_.pop_back();
  return taken;
}

void Http1ExchangePool::Release(Http1Exchange& exchange) {
  exchange.Reset();
  free_.push_back(&exchange);
  if (free_.size() < all_.size() || all_.size() <= kKeptExchanges) return;
  all_.resize(kKeptExchanges);
  free_.clear();
  for (const auto& kept : all_) free_.push_back(kept.get());
}

}  // namespace gotls
