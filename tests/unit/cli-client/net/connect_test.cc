#include "cli-client/net/connect.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace parley::client {
namespace {

using std::chrono::seconds;

// Sockets in the kernel's abstract namespace are in place of TCP: no port, and nothing on disk.
class TcpConnectTest : public testing::Test {
 protected:
  const Endpoint endpoint{"relay.example", 10443};
  const TimePoint begin{std::chrono::hours(1)};

  Address address_of(const std::string& name) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    const std::string full = "parley-connect-test-" + std::to_string(::getpid()) + "-" + name;
    std::memcpy(local.sun_path + 1, full.data(), full.size());
    Address address{};
    address.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + full.size());
    std::memcpy(&address.storage, &local, sizeof local);
    return address;
  }
  Descriptor listen_at(const Address& address) {
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.bytes), 0);
    EXPECT_EQ(::listen(fd.get(), 4), 0);
    return fd;
  }
  static Address impossible() {
    Address address{};
    address.storage.ss_family = AF_MAX;
    return address;
  }
};

TEST_F(TcpConnectTest, TheFirstThatTakesItIsTaken) {
  const Address there = address_of("there");
  const Descriptor listener = listen_at(there);
  TcpConnect connect(endpoint, {impossible(), address_of("nobody"), there, impossible()}, seconds(10), begin);
  ASSERT_FALSE(connect.advance(0, begin));
  EXPECT_LE(*connect.deadline(), begin + seconds(5)) << "its share";
  pollfd fd = connect.wanted();
  ASSERT_EQ(::poll(&fd, 1, 10'000), 1);
  const auto result = connect.advance(fd.revents, begin);
  ASSERT_TRUE(result);
  ASSERT_TRUE(*result);
  EXPECT_EQ((*result)->address.bytes, there.bytes);
  EXPECT_GE((*result)->socket.get(), 0);
}

TEST_F(TcpConnectTest, WhenNobodyListensItSaysSo) {
  TcpConnect connect(endpoint, {address_of("nobody"), address_of("none")}, seconds(10), begin);
  const auto result = connect.advance(0, begin);
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_NE(result->error().find("nothing listens at relay.example:10443"), std::string::npos) << result->error();
}

TEST_F(TcpConnectTest, EachFailureIsNamed) {
  TcpConnect connect(endpoint, {address_of("nobody"), impossible()}, seconds(10), begin);
  const auto result = connect.advance(0, begin);
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_NE(result->error().find("Connection refused"), std::string::npos) << result->error();
  EXPECT_NE(result->error().find("not supported"), std::string::npos) << result->error();
}

TEST_F(TcpConnectTest, TheTimeIsForAll) {
  const Address there = address_of("slow");
  const Descriptor listener = listen_at(there);
  TcpConnect connect(endpoint, {there, there}, seconds(10), begin);
  // Both would take it, and nobody looks: each is given up when its share is over.
  ASSERT_FALSE(connect.advance(0, begin));
  EXPECT_EQ(connect.deadline(), begin + seconds(5));
  ASSERT_FALSE(connect.advance(0, begin + seconds(5)));
  EXPECT_EQ(connect.deadline(), begin + seconds(10));
  const auto result = connect.advance(0, begin + seconds(10));
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_NE(result->error().find("within 10s"), std::string::npos) << result->error();
}

TEST_F(TcpConnectTest, WithoutALimitTheSystemDecides) {
  const Address there = address_of("ever");
  const Descriptor listener = listen_at(there);
  TcpConnect connect(endpoint, {there}, std::nullopt, begin);
  ASSERT_FALSE(connect.advance(0, begin));
  EXPECT_EQ(connect.deadline(), std::nullopt);
}

TEST_F(TcpConnectTest, WhoHasNothingElseToDoWaits) {
  const Address there = address_of("blocking");
  const Descriptor listener = listen_at(there);
  const auto connection = connect(endpoint, {address_of("nobody"), there}, seconds(10));
  ASSERT_TRUE(connection) << connection.error();
}

}  // namespace
}  // namespace parley::client
