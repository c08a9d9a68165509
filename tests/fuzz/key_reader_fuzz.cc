// Whatever comes in whatever segments, the key reader takes the same key and the same number of bytes, keeps to
// its limit, and what it takes is read or refused.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "protocol/classic/key_reader.h"
#include "protocol/classic/public_key.h"
#include "tests/fuzz/input.h"

namespace {

using parley::classic::KeyReader;
using parley::classic::PublicKey;
using parley::fuzz::Segments, parley::fuzz::require;

struct Outcome {
  KeyReader::Status status;
  std::string pem;
  std::size_t taken;

  bool operator==(const Outcome&) const = default;
};

// `next_size` gives the length of each segment.
template <typename NextSize>
Outcome read(std::span<const std::byte> wire, NextSize next_size) {
  KeyReader reader;
  std::size_t taken = 0;
  while (taken < wire.size() && reader.status() == KeyReader::Status::need_more) {
    const auto segment = wire.subspan(taken, std::min<std::size_t>(next_size(), wire.size() - taken));
    const std::size_t now = reader.feed(segment);
    require(now <= segment.size());
    require(now == segment.size() || reader.status() == KeyReader::Status::complete);
    taken += now;
  }
  require(reader.pem().size() <= parley::classic::kMaxKeyBytes);
  // How much was taken of what is no key depends on the segments.
  return {reader.status(), std::string(reader.pem()), reader.pem().empty() ? 0 : taken};
}

}  // namespace

// The input is a byte n, n sizes of segments (used in turns), and what comes over the wire.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Segments segments(data, size);
  const auto wire = segments.wire();
  const Outcome whole = read(wire, [&] { return wire.size(); });
  require(read(wire, [&] { return segments.next_size(); }) == whole);
  require(read(wire, [] { return std::size_t{1}; }) == whole);

  const auto key = PublicKey::from_pem(whole.pem);
  const std::string_view unread(reinterpret_cast<const char*>(wire.data()), wire.size());
  (void)PublicKey::from_pem(unread);
  if (key) {
    require(key->bits() >= parley::classic::kMinKeyBits && key->bits() <= parley::classic::kMaxKeyBits);
    std::string block(key->block_bytes(), '\0');
    require(!key->seal({}, std::as_writable_bytes(std::span(block))));
  }
  return 0;
}
