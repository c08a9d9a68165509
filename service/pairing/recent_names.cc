#include "service/pairing/recent_names.h"

namespace parley {

std::size_t RecentNames::chain_of(const relay::SessionName& name) {
  return (std::to_integer<std::size_t>(name[0]) << 8U | std::to_integer<std::size_t>(name[1])) % kMost;
}

void RecentNames::add(const relay::SessionName& name) {
  Entry& entry = entries_[oldest_];
  const auto number = static_cast<Link>(oldest_);
  if (full_) {
    Link* link = &chains_[chain_of(entry.name)];
    while (*link != number) link = &entries_[*link].next;
    *link = entry.next;
  }
  Link& chain = chains_[chain_of(name)];
  entry = {name, chain};
  chain = number;
  oldest_ = (oldest_ + 1) % kMost;
  full_ = full_ || oldest_ == 0;
}

bool RecentNames::contains(const relay::SessionName& name) const {
  for (Link link = chains_[chain_of(name)]; link != kNone; link = entries_[link].next) {
    if (entries_[link].name == name) return true;
  }
  return false;
}

}  // namespace parley
