// Each control message, of any bytes: what is read keeps to its bounds, and written again is read as the same.

#include <cstdint>
#include <span>
#include <string>

#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley::relay;
using parley::fuzz::require;

using Payload = std::span<const std::byte>;

template <class T>
void check(Parsed<T> (*parse)(Payload), Payload payload) {
  const Parsed<T> read = parse(payload);
  if (!read) return;
  require(payload.size() <= kMaxControlBytes);
  const std::string frame = to_frame(*read);
  require(frame.size() <= kHeaderBytes + kMaxControlBytes);
  require(parse(std::as_bytes(std::span(frame)).subspan(kHeaderBytes)) == *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Payload payload = std::as_bytes(std::span(data, size));
  check(parse_hello, payload);
  check(parse_waiting, payload);
  check(parse_paired, payload);
  check(parse_peer_left, payload);
  check(parse_error, payload);
  check(parse_goaway, payload);
  if (const auto hello = parse_hello(payload)) require(is_room(hello->room));
  return 0;
}
