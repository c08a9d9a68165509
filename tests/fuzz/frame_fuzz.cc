// Whatever comes in whatever segments, both ends read the same frames, nothing is read beyond what was given, and what
// is left over is less than one frame.

#include <algorithm>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "protocol/relay/frame.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley::relay;
using parley::fuzz::Segments, parley::fuzz::require;

struct Outcome {
  std::vector<std::pair<FrameType, std::vector<std::byte>>> frames;
  std::error_code error;
  std::size_t consumed = 0;

  bool operator==(const Outcome&) const = default;
};

// `next_size` gives the length of each segment.
template <class NextSize>
Outcome receive(std::span<const std::byte> stream, Sender from, NextSize next_size) {
  Outcome outcome;
  std::size_t there = 0;
  while (there < stream.size() && !outcome.error) {
    there += std::min<std::size_t>(next_size(), stream.size() - there);
    // A copy of the exact size, so that a read behind it is seen.
    std::vector<std::byte> buffer(stream.begin() + static_cast<std::ptrdiff_t>(outcome.consumed),
                                  stream.begin() + static_cast<std::ptrdiff_t>(there));
    FrameReader reader(buffer, from);
    for (;;) {
      const auto read = reader.next();
      if (!read) {
        require(reader.next().error() == read.error());
        outcome.error = read.error();
        break;
      }
      if (!*read) break;
      const Frame& frame = **read;
      require(allowed(frame.type, from));
      require(frame.payload().size() <= kMaxPayloadBytes);
      std::vector<std::byte> header(kHeaderBytes);
      encode_header(frame.type, frame.payload().size(), std::span(header).first<kHeaderBytes>());
      require(std::equal(header.begin(), header.end(), frame.bytes.begin()));
      outcome.frames.emplace_back(frame.type, std::vector(frame.payload().begin(), frame.payload().end()));
    }
    require(reader.consumed() <= buffer.size());
    require(outcome.error || buffer.size() - reader.consumed() < kMaxFrameBytes);
    outcome.consumed += reader.consumed();
  }
  return outcome;
}

}  // namespace

// The input is who sends (even: the client), a byte n, n sizes of segments (used in turns), and what comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Sender from = data[0] % 2 == 0 ? Sender::client : Sender::relay;
  Segments segments(data + 1, size - 1);
  const auto stream = segments.wire();

  const Outcome whole = receive(stream, from, [&] { return stream.size(); });
  require(receive(stream, from, [&] { return segments.next_size(7); }) == whole);
  if (stream.size() <= 512) require(receive(stream, from, [] { return std::size_t{1}; }) == whole);
  return 0;
}
