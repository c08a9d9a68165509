#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "protocol/chat/bodies.h"
#include "protocol/chat/conversation.h"
#include "protocol/chat/record.h"

namespace parley::client {

// Where records of files go: chat::Conversation, or what stands for it.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // Whether send() may be called for a body of this size.
  virtual bool can_send(chat::Type type, std::size_t body_bytes) = 0;
  // A numbered record. Returns its number, which acknowledgements will reach.
  virtual std::uint64_t send(chat::Type type, Bytes body) = 0;
  // At any time; it may be lost.
  virtual void send_comparing(const chat::Comparing& comparing) = 0;
  // chat::Conversation's.
  virtual bool tells_stored() const = 0;
  virtual void stored(chat::MessageId id) = 0;
};

}  // namespace parley::client
