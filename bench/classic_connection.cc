#include "bench/classic_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "protocol/classic/key_reader.h"

namespace parley::bench {
namespace {

// Fits one block of a 512-bit key (53 bytes), as most lines of a chat do.
constexpr std::string_view kMessage = "the quick brown fox jumps over the lazy dog";

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

ClassicConnection::ClassicConnection(std::uint16_t port, const classic::PrivateKey& own)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), own_(own), incoming_(own.block_bytes()) {
  if (descriptor_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string& pem = own.public_pem();
  if (send(descriptor_, pem.data(), pem.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(pem.size())) fail("send");
}

ClassicConnection::ClassicConnection(ClassicConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      own_(other.own_),
      outgoing_(std::move(other.outgoing_)),
      incoming_(std::move(other.incoming_)),
      received_(other.received_) {}

ClassicConnection::~ClassicConnection() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ClassicConnection::receive_relay_key() {
  classic::KeyReader reader;
  std::array<std::byte, classic::kMaxKeyBytes> bytes;
  while (reader.status() != classic::KeyReader::Status::complete) {
    const ssize_t length = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (length < 0) fail("recv");
    if (length == 0) throw std::runtime_error("the relay closed before its key came");
    reader.feed(std::span(bytes).first(static_cast<std::size_t>(length)));
  }
  const auto key = classic::PublicKey::from_pem(reader.pem());
  if (!key) throw std::system_error(key.error(), "the relay's key");
  outgoing_.resize(key->block_bytes());
  if (const auto error = key->seal(std::as_bytes(std::span(kMessage)), outgoing_)) throw std::system_error(error);
  fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
}

void ClassicConnection::send_block() {
  // One block is in flight at a time, so that the socket always has room for it.
  if (send(descriptor_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(outgoing_.size())) {
    fail("send");
  }
}

bool ClassicConnection::receive(bool verify) {
  const ssize_t length = recv(descriptor_, incoming_.data() + received_, incoming_.size() - received_, 0);
  if (length == 0) throw std::runtime_error("the relay closed a connection");
  if (length < 0) {
    if (errno == EAGAIN) return false;
    fail("recv");
  }
  received_ += static_cast<std::size_t>(length);
  if (received_ < incoming_.size()) return false;
  received_ = 0;
  if (verify) {
    std::vector<std::byte> message(incoming_.size());
    const auto opened = own_.open(incoming_, message);
    if (!opened || !std::ranges::equal(std::span(message).first(*opened), std::as_bytes(std::span(kMessage)))) {
      throw std::runtime_error("what came is not what was sent");
    }
  }
  return true;
}

}  // namespace parley::bench
