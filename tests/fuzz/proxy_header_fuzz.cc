// A connection's first bytes, whatever they are: the header is the same in whatever segments they come, it is decided
// within its bounds, and what follows it plays no part.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "service/net/address.h"
#include "service/net/proxy_header.h"
#include "tests/fuzz/input.h"

namespace {

using parley::fuzz::Segments, parley::fuzz::require;

struct Outcome {
  bool refused = false;
  std::size_t bytes = 0;  // 0: not yet whole
  std::string client;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::span<const std::byte> front) {
  // A copy of the exact size, so that a read behind it is seen.
  const std::vector<std::byte> copy(front.begin(), front.end());
  const auto header = parley::parse_proxy_header(copy);
  if (!header) return {true, 0, {}};
  if (!*header) return {};
  require((*header)->bytes > 0 && (*header)->bytes <= front.size());
  require((*header)->bytes <= parley::kMaxProxyHeaderBytes);
  const auto& client = (*header)->client;
  if (client) require(!parley::address_key(*client).empty());
  return {false, (*header)->bytes, client ? to_string(parley::to_endpoint(*client)) : ""};
}

}  // namespace

// The input is a byte n, n sizes of segments (used in turns), and what comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Segments segments(data, size);
  const auto wire = segments.wire();
  const Outcome whole = read(wire);
  require(whole.refused || whole.bytes != 0 || wire.size() < parley::kMaxProxyHeaderBytes);

  Outcome last;
  for (std::size_t there = 0; there < wire.size() && last == Outcome{};) {
    there = std::min(there + segments.next_size(), wire.size());
    last = read(wire.first(there));
  }
  require(last == whole);
  if (whole.bytes != 0)
    require(read(wire.first(whole.bytes)) == whole && read(wire.first(whole.bytes - 1)) == Outcome{});
  return 0;
}
