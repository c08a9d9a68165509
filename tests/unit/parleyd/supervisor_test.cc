#include "parleyd/supervisor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/descriptor.h"

namespace parley {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~SupervisorTest() override { std::filesystem::remove_all(folder_); }

  // Listens there as systemd does.
  void listen(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
              0);
  }
  std::string heard() const {
    std::array<char, 256> text{};
    const ssize_t bytes = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return bytes < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(bytes));
  }

  std::string folder_ = "/tmp/parley-supervisor-XXXXXX";  // a socket's path is short
  Descriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST_F(SupervisorTest, HearsWhatIsSaid) {
  for (const std::string& name : {folder_ + "/notify", "@parley-supervisor-" + std::to_string(::getpid())}) {
    socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    listen(name);
    const Supervisor supervisor(name);
    supervisor.ready();
    EXPECT_EQ(heard(), "READY=1");
    supervisor.status("draining");
    EXPECT_EQ(heard(), "STATUS=draining");
    supervisor.stopping();
    EXPECT_EQ(heard(), "STOPPING=1");
    supervisor.alive();
    EXPECT_EQ(heard(), "WATCHDOG=1");
  }
}

TEST_F(SupervisorTest, OneThatIsNotThereOrDoesNotListenIsNotWaitedFor) {
  for (const std::string& name :
       {std::string(), std::string("relative"), "/" + std::string(200, 'x'), folder_ + "/none"})
    Supervisor(name).ready();
  listen(folder_ + "/full");
  const Supervisor supervisor(folder_ + "/full");
  for (int i = 0; i < 10'000; ++i) supervisor.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(SupervisorTest, IsToldTwiceInItsTime) {
  EXPECT_EQ(Supervisor("/socket", microseconds(3'000'000)).how_often(), milliseconds(1500));
  EXPECT_EQ(Supervisor("/socket", microseconds(1)).how_often(), milliseconds(1));
  EXPECT_EQ(Supervisor("/socket").how_often(), std::nullopt);
  EXPECT_EQ(Supervisor("", microseconds(3'000'000)).how_often(), std::nullopt);
}

TEST_F(SupervisorTest, IsThatOfTheEnvironmentIfItMeansThisProcess) {
  ::setenv("NOTIFY_SOCKET", "/socket", 1);
  ::setenv("WATCHDOG_USEC", "4000000", 1);
  EXPECT_EQ(Supervisor::of_environment().how_often(), milliseconds(2000));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(Supervisor::of_environment().how_often(), milliseconds(2000));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Supervisor::of_environment().how_often(), std::nullopt) << "it is its parent's";
  ::unsetenv("WATCHDOG_PID");
  for (const char* const bad : {"", "0", "-1", "x", "99999999999999999999"}) {
    ::setenv("WATCHDOG_USEC", bad, 1);
    EXPECT_EQ(Supervisor::of_environment().how_often(), std::nullopt) << bad;
  }
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace parley
