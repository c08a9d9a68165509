#include "cli-client/classic/key_attempt.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace parley::client {

KeyAttempt::KeyAttempt(const classic::PrivateKey& own_key, const ConversationRules& rules, const Address& address,
                       std::string where)
    : own_key_(own_key), rules_(rules), where_(std::move(where)), tcp_(address) {}

pollfd KeyAttempt::wanted() const {
  if (!conversation_) return tcp_.wanted();
  const bool writes = alone_ && !conversation_->outbound().empty();
  return {socket_.get(), static_cast<short>(POLLIN | (writes ? POLLOUT : 0)), 0};
}

tl::expected<bool, ConnectionFault> KeyAttempt::advance(short events, TimePoint now) {
  if (!conversation_) {
    const auto error = tcp_.advance(events);
    if (!error) return false;
    if (*error != 0) return tl::unexpected(tcp_.fault(*error));
    socket_ = tcp_.take_socket();
    conversation_ = std::make_unique<ClassicConversation>(own_key_, rules_, now);
    if (alone_) send(now);
    return false;
  }
  if (alone_ && (events & POLLOUT) != 0) send(now);
  if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) receive(now);
  if (conversation_->connected()) return true;
  if (const auto ending = conversation_->ending(now)) return tl::unexpected(fault(*ending));
  return false;
}

void KeyAttempt::receive(TimePoint now) {
  std::array<std::byte, classic::kMaxKeyBytes> bytes;
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count > 0) {
    conversation_->receive(std::span(bytes).first(static_cast<std::size_t>(count)), now);
  } else if (count == 0) {
    conversation_->receive_end({}, now);
  } else if (errno != EAGAIN && errno != EINTR) {
    conversation_->receive_end(std::error_code(errno, std::generic_category()), now);
  }
}

// What cannot be sent is seen when reading.
void KeyAttempt::send(TimePoint now) {
  const auto bytes = conversation_->outbound();
  const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count > 0) conversation_->sent(static_cast<std::size_t>(count), now);
}

void KeyAttempt::on_alone(TimePoint now) {
  if (std::exchange(alone_, true) || !conversation_) return;
  send(now);
}

ConnectionFault KeyAttempt::late() const { return conversation_ ? fault(Ending::no_key) : tcp_.fault(ETIMEDOUT); }

ConnectionFault KeyAttempt::fault(Ending ending) const {
  const EndingReport ended = report(ending, where_, 0);
  const bool refused = ended.status == ExitStatus::refused;
  return {refused ? ConnectionFault::Kind::refused : ConnectionFault::Kind::no_relay, ended.text, {}};
}

}  // namespace parley::client
