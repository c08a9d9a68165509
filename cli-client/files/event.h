#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/chat/bodies.h"

namespace parley::client {

// What one step of hashing reads: a millisecond or two.
constexpr std::size_t kHashStepBytes = std::size_t{1} * 1024 * 1024;

// The reason of a file that the other side's user does not want.
constexpr const char* kDeclined = "declined";
// And of one that either user has given up.
constexpr const char* kCancelled = "was cancelled";

// What has become of one file, sent or received. Texts are not escaped.
struct FileEvent {
  enum class Kind {
    started,  // bytes go from `offset` on
    done,     // it is there, whole and right
    present,  // done, and it was there before
    failed,
    skipped,  // not sent on purpose: of the sender alone, which tells how many
  };
  Kind kind = Kind::started;
  std::string name{};        // here: what it is called in the target folder, or where it was found
  std::string other_name{};  // what the other side calls it, if that is something else
  bool directory = false;    // never `started`
  std::size_t group = 0;     // what was sent with it has the same number
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // started: not 0 when it is resumed
  chat::Digest sha256{};     // done, present: of files
  std::string reason{};      // failed, skipped
  bool other_side = false;   // failed: the reason is the other side's
};

// What a transfer does at the moment.
enum class Activity {
  moving,     // bytes go, or may at any moment
  comparing,  // what is there already is hashed
  waiting,    // for somebody's answer
};

// How far all files of a transfer are.
struct TransferProgress {
  std::uint64_t files_done = 0;  // folders do not count
  std::uint64_t files_failed = 0;
  std::uint64_t folders_failed = 0;
  std::uint64_t left_out = 0;     // on purpose: links, devices and the like
  std::uint64_t files_total = 0;  // what will not come any more included
  std::uint64_t bytes_done = 0;   // of files that have failed neither these
  std::uint64_t bytes_total = 0;  // nor these
  std::uint64_t bytes_moved = 0;  // of bytes_done, what this program has moved: for the rate
  // And what it has read to tell whether it is the same here and there: for the rate meanwhile.
  std::uint64_t bytes_compared = 0;
};

}  // namespace parley::client
