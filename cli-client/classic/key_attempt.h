#pragma once

#include <memory>
#include <string>

#include "base/descriptor.h"
#include "cli-client/classic/conversation.h"
#include "cli-client/net/address.h"
#include "cli-client/net/attempt.h"
#include "cli-client/net/tcp_attempt.h"

namespace parley::client {

// One address of a classic relay; its first word is its key. A relay takes whoever sends a key for a client that waits
// for a partner, so our own goes out only when no other attempt is under way: at once when there is one address, as a
// relay may wait for it.
class KeyAttempt final : public Attempt {
 public:
  // `own_key` is kept by reference; it and `rules` are the conversation's. `where`: see Race.
  KeyAttempt(const classic::PrivateKey& own_key, const ConversationRules& rules, const Address& address,
             std::string where);

  pollfd wanted() const override;
  tl::expected<bool, ConnectionFault> advance(short events, TimePoint now) override;
  void on_alone(TimePoint now) override;
  ConnectionFault late() const override;

  // Once the key has come, and whatever came with it: the connection, and the conversation that goes on over it.
  Descriptor take_socket() { return std::move(socket_); }
  std::unique_ptr<ClassicConversation> take_conversation() { return std::move(conversation_); }

 private:
  void receive(TimePoint now);
  void send(TimePoint now);
  ConnectionFault fault(Ending ending) const;

  const classic::PrivateKey& own_key_;
  const ConversationRules rules_;
  const std::string where_;
  TcpAttempt tcp_;
  // Once that has succeeded.
  Descriptor socket_;
  std::unique_ptr<ClassicConversation> conversation_;
  bool alone_ = false;
};

}  // namespace parley::client
