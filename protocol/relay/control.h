#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>

#include "protocol/relay/error_code.h"

namespace parley::relay {

constexpr std::size_t kMaxRoomBytes = 128;
constexpr std::size_t kMaxResumeBytes = 512;  // ours are 78; a relay of somebody else's may need more
constexpr std::size_t kMaxAccessBytes = 256;
constexpr std::size_t kMaxClientBytes = 64;
constexpr std::size_t kMaxSessionBytes = 64;
constexpr std::size_t kMaxReasonBytes = 64;
constexpr std::size_t kMaxMessageBytes = 512;
// Of every number: seconds or milliseconds. Fits a signed 32-bit integer.
constexpr std::int64_t kMaxNumber = 2'147'483'647;

// Whether `room` is 1 to kMaxRoomBytes of A-Z a-z 0-9 . _ ~ -
bool is_room(std::string_view room);

struct Hello {
  std::string room;
  std::optional<std::string> resume = {};
  std::optional<std::string> client = {};  // the program's name and version
  std::optional<std::string> access = {};
  bool operator==(const Hello&) const = default;
};

struct Waiting {
  std::chrono::seconds expires{};  // 0: no limit
  std::string resume;
  bool operator==(const Waiting&) const = default;
};

enum class Role : std::uint8_t { first, second };

struct Paired {
  std::string session;
  Role role{};
  std::string resume;
  bool resumed = false;
  std::chrono::seconds grace{};  // 0: a lost client's place is not kept
  bool operator==(const Paired&) const = default;
};

enum class Departure : std::uint8_t {
  closed,  // for good: it said BYE, or its grace has passed
  lost,    // it may come back within the grace
};

struct PeerLeft {
  Departure reason{};
  std::chrono::seconds grace{};
  bool operator==(const PeerLeft&) const = default;
};

struct Error {
  ErrorCode code{};
  std::string message;  // a sentence for people
  std::optional<std::chrono::seconds> retry_after = {};
  bool operator==(const Error&) const = default;
};

struct Goaway {
  std::string reason;  // a word, as "draining"
  std::chrono::milliseconds reconnect_after{};
  bool operator==(const Goaway&) const = default;
};

// Reads the payload of a frame of that name. Unknown members are ignored. The other end's strings are bounded but for
// the rest as they came: escape them before a terminal or a log.
// Errors: Errc::too_long, bad_json, missing_member, wrong_type, bad_value.
template <class T>
using Parsed = tl::expected<T, std::error_code>;
Parsed<Hello> parse_hello(std::span<const std::byte> payload);
Parsed<Waiting> parse_waiting(std::span<const std::byte> payload);
Parsed<Paired> parse_paired(std::span<const std::byte> payload);
Parsed<PeerLeft> parse_peer_left(std::span<const std::byte> payload);
Parsed<Error> parse_error(std::span<const std::byte> payload);
Parsed<Goaway> parse_goaway(std::span<const std::byte> payload);

// The whole frame, header and payload. What is given must be in the bounds above.
std::string to_frame(const Hello& hello);
std::string to_frame(const Waiting& waiting);
std::string to_frame(const Paired& paired);
std::string to_frame(const PeerLeft& left);
std::string to_frame(const Error& error);
std::string to_frame(const Goaway& goaway);

}  // namespace parley::relay
