#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "cli-client/files/outlet.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// A receiver's ANSWERs, until there is room for them.
class Answers {
 public:
  void accept(chat::Answer answer);
  // `reason` is cut to what an ANSWER holds.
  void refuse(std::uint32_t file, std::string reason);
  // To be offered again, with its digest: of this offer a refusal.
  void want_digest(std::uint32_t file);

  // Sends those that there is room for.
  void send(Outlet& outlet);
  bool empty() const { return waiting_.empty(); }
  // Their files still count as open to the other side.
  std::size_t refusals() const { return refusals_; }
  void clear();

 private:
  void add_refusal(chat::Answer answer);

  std::deque<chat::Answer> waiting_;
  std::size_t refusals_ = 0;  // of waiting_
};

}  // namespace parley::client
