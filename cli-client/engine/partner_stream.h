#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "base/bytes.h"
#include "cli-client/base/clock.h"
#include "protocol/chat/conversation.h"
#include "protocol/chat/inner_tls.h"
#include "protocol/relay/control.h"

namespace parley::client {

// What two clients say to each other from one PAIRED to what ends it: the conversation within the inner TLS, or bare
// where there is no key. One stream after the other.
class PartnerStream {
 public:
  // `conversation` is kept by reference. Without `key` the relay can read along.
  PartnerStream(chat::Conversation& conversation, std::optional<chat::Psk> key)
      : conversation_(conversation), key_(std::move(key)) {}
  ~PartnerStream();
  PartnerStream(const PartnerStream&) = delete;
  PartnerStream& operator=(const PartnerStream&) = delete;

  // `role`: ours, in PAIRED.
  void start(relay::Role role);
  void stop();

  // The payloads of DATA, as they come; those that come while no stream runs are of none, and dropped. An error
  // (chat::Errc) is of the inner TLS, or of the conversation, which it ends for good; what came before it counts.
  std::error_code receive(ByteView bytes, TimePoint now);
  // Appends what is to go out as DATA now; about `limit` bytes of it, or more when there is more to come.
  void write(Bytes& out, std::size_t limit, TimePoint now);
  // Says that nothing more will come; write() has that.
  void close();

  // The authentication string of this stream; empty while there is none.
  std::string verify_text() const;

 private:
  std::error_code judge_first(std::byte first) const;
  bool inner_is_open() const { return inner_ && inner_->state() == chat::InnerTls::State::open; }

  chat::Conversation& conversation_;
  const std::optional<chat::Psk> key_;
  bool running_ = false;
  bool conversing_ = false;  // past the inner handshake
  bool heard_ = false;       // a byte has come
  bool told_ = false;        // the other side is to be told that it has no invite
  std::unique_ptr<chat::InnerTls> inner_;
  Bytes plaintext_;
};

}  // namespace parley::client
