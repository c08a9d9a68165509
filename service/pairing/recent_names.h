#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/relay/resume_token.h"

namespace parley {

// The last kMost names that were added; each was added once. Its memory is all taken at the start: small pieces, taken
// while a crowd is there, would keep from the system what the crowd gives back around them.
class RecentNames {
 public:
  static constexpr std::size_t kMost = 16'384;

  void add(const relay::SessionName& name);
  bool contains(const relay::SessionName& name) const;

 private:
  // An entry's number, or kNone.
  using Link = std::uint16_t;
  static constexpr Link kNone = 0xffff;
  static_assert(kMost < kNone && (kMost & (kMost - 1)) == 0);
  struct Entry {
    relay::SessionName name{};
    Link next = kNone;  // older, in the same chain
  };

  // Names are random: the chains stay short.
  static std::size_t chain_of(const relay::SessionName& name);

  std::vector<Entry> entries_ = std::vector<Entry>(kMost);  // a ring
  std::vector<Link> chains_ = std::vector<Link>(kMost, kNone);
  std::size_t oldest_ = 0;
  bool full_ = false;
};

}  // namespace parley
