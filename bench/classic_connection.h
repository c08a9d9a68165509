#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/classic/private_key.h"
#include "protocol/classic/public_key.h"

namespace parley::bench {

// One client's connection to a relay on 127.0.0.1. The message that it sends is sealed once, when the relay's key
// is known, and the same block sent each time: the relay's work is the same, ours is none.
class ClassicConnection {
 public:
  // Connects and sends the client's key, as the original client does. Throws std::system_error.
  ClassicConnection(std::uint16_t port, const classic::PrivateKey& own);
  ClassicConnection(ClassicConnection&&) noexcept;
  ClassicConnection& operator=(ClassicConnection&&) = delete;
  ~ClassicConnection();

  // Waits for the relay's key, seals the message and becomes non-blocking. Throws std::runtime_error.
  void receive_relay_key();

  int descriptor() const { return descriptor_; }
  void send_block();
  // Takes what is there. True when a whole block has come: opened and compared when `verify`.
  // Throws std::runtime_error when the relay closed, or sent what is not our message.
  bool receive(bool verify);

 private:
  int descriptor_;
  const classic::PrivateKey& own_;
  std::vector<std::byte> outgoing_;
  std::vector<std::byte> incoming_;
  std::size_t received_ = 0;
};

}  // namespace parley::bench
