#include "service/access/admission.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace parley {

tl::expected<Admission::Place, Refusal> Admission::admit(const std::string& address_key, TimePoint now,
                                                         Protocol protocol) {
  const std::lock_guard lock(mutex_);
  if (full()) return tl::unexpected(Refusal::overloaded);
  if (const auto entered = enter(address_key, now); !entered) return tl::unexpected(entered.error());
  return take_place(address_key, protocol);
}

tl::expected<Admission::Place, Refusal> Admission::admit_unnamed(Protocol protocol) {
  const std::lock_guard lock(mutex_);
  if (full()) return tl::unexpected(Refusal::overloaded);
  return take_place({}, protocol);
}

tl::expected<void, Refusal> Admission::count_for(Place& place, const std::string& address_key, TimePoint now) {
  assert(place.key_.empty() && !address_key.empty());
  const std::lock_guard lock(mutex_);
  if (const auto entered = enter(address_key, now); !entered) return entered;
  place.key_ = address_key;
  return {};
}

tl::expected<void, Refusal> Admission::enter(const std::string& address_key, TimePoint now) {
  auto found = addresses_.find(address_key);
  if (found == addresses_.end()) {
    if (addresses_.size() >= forget_above_ || idle_ >= kMaxIdleAddresses) forget_idle(now);
    found = addresses_.emplace(address_key, Address{.tokens = full_bucket(), .filled_at = now}).first;
    ++idle_;
  }
  Address& address = found->second;
  if (limits_.max_connections_per_address != 0 && address.connections >= limits_.max_connections_per_address) {
    return tl::unexpected(Refusal::address_limit);
  }
  if (limits_.connection_rate_per_address > 0) {
    refill(address, now);
    if (address.tokens < 1) return tl::unexpected(Refusal::rate_limited);
    address.tokens -= 1;
  }
  if (address.connections++ == 0) --idle_;
  return {};
}

Admission::Place Admission::take_place(std::string address_key, Protocol protocol) {
  ++connections_;
  ++connections_by_protocol_[static_cast<std::size_t>(protocol)];
  return Place(*this, std::move(address_key), protocol);
}

void Admission::release(const std::string& address_key, Protocol protocol) {
  const std::lock_guard lock(mutex_);
  --connections_;
  --connections_by_protocol_[static_cast<std::size_t>(protocol)];
  if (address_key.empty()) return;
  const auto found = addresses_.find(address_key);
  if (--found->second.connections > 0) return;
  if (limits_.connection_rate_per_address > 0) {
    ++idle_;
  } else {
    addresses_.erase(found);
  }
}

void Admission::set_limits(const Limits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
}

std::size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::size_t Admission::connections(Protocol protocol) const {
  const std::lock_guard lock(mutex_);
  return connections_by_protocol_[static_cast<std::size_t>(protocol)];
}

void Admission::refill(Address& address, TimePoint now) const {
  const std::chrono::duration<double> passed = now - std::exchange(address.filled_at, now);
  address.tokens = std::min(full_bucket(), address.tokens + passed.count() * limits_.connection_rate_per_address);
}

// A slow rate's bucket holds one connection all the same.
double Admission::full_bucket() const { return std::max(1.0, limits_.connection_rate_per_address * kBurstSeconds); }

// An address without a connection and with a full bucket is like one never seen. Doubling the mark keeps the
// cost of these sweeps below that of the connections that lead to them; so does forgetting half of a crowd.
void Admission::forget_idle(TimePoint now) {
  for (auto& [key, address] : addresses_) {
    if (address.connections == 0) refill(address, now);
  }
  forget_above(full_bucket());
  if (idle_ >= kMaxIdleAddresses) forget_above(median_tokens());
  forget_above_ = std::max<std::size_t>(addresses_.size() * 2, 1024);
}

void Admission::forget_above(double tokens) {
  std::erase_if(addresses_, [&](const auto& entry) {
    const Address& address = entry.second;
    if (address.connections != 0) return false;
    if (limits_.connection_rate_per_address > 0 && address.tokens < tokens) return false;
    --idle_;
    return true;
  });
}

// Of the idle, as they were last refilled.
double Admission::median_tokens() const {
  std::vector<double> tokens;
  tokens.reserve(idle_);
  for (const auto& [key, address] : addresses_) {
    if (address.connections == 0) tokens.push_back(address.tokens);
  }
  const auto middle = tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size() / 2);
  std::ranges::nth_element(tokens, middle);
  return *middle;
}

}  // namespace parley
