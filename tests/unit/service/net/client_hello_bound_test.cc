#include "service/net/client_hello_bound.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"

namespace parley {
namespace {

// Of a type, in records of at most `piece` bytes.
Bytes records(const Bytes& payload, std::size_t piece = 16384, unsigned type = 22) {
  Bytes all;
  for (std::size_t at = 0; at < payload.size(); at += piece) {
    const std::size_t size = std::min(piece, payload.size() - at);
    for (const std::size_t byte : {std::size_t{type}, std::size_t{3}, std::size_t{1}, size >> 8U, size & 0xffU})
      all.push_back(static_cast<std::byte>(byte));
    all.insert(all.end(), payload.begin() + static_cast<std::ptrdiff_t>(at),
               payload.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  return all;
}

// A ClientHello that declares so many bytes, with as many as there are.
Bytes hello(std::size_t declared, std::size_t there) {
  Bytes message(4 + there, std::byte{0xff});
  message[0] = std::byte{1};
  for (std::size_t i = 0; i < 3; ++i) message[1 + i] = static_cast<std::byte>(declared >> (16 - 8 * i));
  return message;
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bool taken_in(const Bytes& bytes, std::size_t piece) {
  ClientHelloBound bound;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!bound.take(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)))) return false;
  }
  return true;
}

TEST(ClientHelloBound, TakesWhatIsNotTooLongHoweverItComes) {
  constexpr std::size_t kMost = ClientHelloBound::kMostBytes;
  const struct {
    const char* name;
    Bytes bytes;
    bool good;
  } cases[] = {
      {"nothing", {}, true},
      {"small", records(hello(300, 300)), true},
      {"the longest", records(hello(kMost, kMost)), true},
      {"in records of one byte", records(hello(kMost, 1000), 1), true},
      {"one more", records(hello(kMost + 1, 0)), false},
      {"as long as can be said", records(hello(0xffffff, 0)), false},
      {"its length in records of one byte", records(hello(kMost + 1, 0), 1), false},
      {"a second one", joined(records(hello(300, 300)), records(hello(kMost + 1, 0))), false},
      {"a second one behind a change of ciphers",
       joined(joined(records(hello(300, 300)), records({std::byte{1}}, 1, 20)), records(hello(kMost + 1, 0))), false},
      {"a second one in the same record", records(joined(hello(300, 300), hello(kMost + 1, 0))), false},
      {"what is encrypted says nothing", joined(records(hello(300, 300)), records(Bytes(9000, std::byte{1}), 9000, 23)),
       true},
      {"no TLS", Bytes(9000, std::byte{'G'}), true},
  };
  for (const auto& one : cases) {
    for (const std::size_t piece : {1u, 3u, 7u, 8192u}) EXPECT_EQ(taken_in(one.bytes, piece), one.good) << one.name;
  }
}

}  // namespace
}  // namespace parley
