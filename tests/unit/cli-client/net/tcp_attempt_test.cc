#include "cli-client/net/tcp_attempt.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace parley::client {
namespace {

// Sockets in the kernel's abstract namespace are in place of TCP: no port, and nothing on disk.
Address abstract_address(const std::string& name) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  const std::string full = "parley-tcp-attempt-test-" + std::to_string(::getpid()) + "-" + name;
  std::memcpy(local.sun_path + 1, full.data(), full.size());
  Address address{};
  address.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + full.size());
  std::memcpy(&address.storage, &local, sizeof local);
  return address;
}

TEST(TcpAttempt, GivesASocketOnceItIsConnected) {
  const Address there = abstract_address("there");
  const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&there.storage), there.bytes), 0);
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  TcpAttempt attempt(there);
  EXPECT_EQ(attempt.advance(0), std::nullopt) << "not known yet";
  pollfd fd = attempt.wanted();
  ASSERT_EQ(::poll(&fd, 1, 10'000), 1);
  EXPECT_EQ(attempt.advance(fd.revents), 0);
  EXPECT_TRUE(attempt.take_socket().valid());
}

TEST(TcpAttempt, MayFailFromTheStart) {
  EXPECT_EQ(TcpAttempt(abstract_address("nobody")).advance(0), ECONNREFUSED);
  Address impossible{};
  impossible.storage.ss_family = AF_MAX;
  EXPECT_EQ(TcpAttempt(impossible).advance(0), EAFNOSUPPORT);
}

}  // namespace
}  // namespace parley::client
