#include "parleyd/passed_listeners.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/net/listen.h"

namespace parley {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// In place of 3 and up, where a test has descriptors of its own.
constexpr int kFirst = 200;

class PassedListenersTest : public testing::Test {
 protected:
  PassedListenersTest() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~PassedListenersTest() override {
    for (int i = 0; i < passed_; ++i) ::close(kFirst + i);
    for (const char* const name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) ::unsetenv(name);
    std::filesystem::remove_all(folder_);
  }

  // As a supervisor's: it blocks, and is inherited.
  void pass(const Descriptor& socket) {
    const int copy = ::dup2(socket.get(), kFirst + passed_++);
    ::fcntl(copy, F_SETFL, ::fcntl(copy, F_GETFL) & ~O_NONBLOCK);
  }
  void pass_tcp(std::string_view address = "127.0.0.1") {
    const auto socket = listen_tcp(address, 0);
    ASSERT_TRUE(socket);
    ports_.push_back(bound_port(socket->get()));
    pass(*socket);
  }
  std::string pass_unix(int type, mode_t mode) {
    const std::string path = folder_ + "/" + std::to_string(files_++);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const Descriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(::listen(socket.get(), 1), 0);
    }
    pass(socket);
    return path;
  }

  static void says(const std::string& count, const std::string& names, const std::string& process = {}) {
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    ::setenv("LISTEN_PID", (process.empty() ? std::to_string(::getpid()) : process).c_str(), 1);
    names.empty() ? ::unsetenv("LISTEN_FDNAMES") : ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
  }
  static PassedListeners taken() { return PassedListeners::of_environment(kFirst); }
  static std::string refused() {
    try {
      taken();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "not refused";
  }

  std::string folder_ = "/tmp/parley-passed-XXXXXX";  // a socket's path is short
  int passed_ = 0;
  int files_ = 0;
  std::vector<std::uint16_t> ports_;
};

TEST_F(PassedListenersTest, AreKnownByTheirNames) {
  pass_tcp();
  pass_tcp("::1");
  pass_tcp("*");
  pass_tcp();
  const std::string path = pass_unix(SOCK_STREAM, 0660);
  says("5", "relay:classic:classic:admin:admin");
  const PassedListeners passed = taken();
  ASSERT_EQ(passed.relay.size(), 1U);
  EXPECT_EQ(passed.relay[0].bound, (Endpoint{"127.0.0.1", ports_[0]}));
  EXPECT_EQ(passed.relay[0].socket.get(), kFirst);
  ASSERT_EQ(passed.classic.size(), 2U);
  EXPECT_EQ(passed.classic[0].bound, (Endpoint{"::1", ports_[1]}));
  EXPECT_EQ(passed.classic[1].bound.port, ports_[2]);
  ASSERT_EQ(passed.admin.size(), 2U);
  EXPECT_EQ(to_string(passed.admin[1].bound), "unix:" + path);
}

TEST_F(PassedListenersTest, DoNotBlockAndEndWithTheProcess) {
  pass_tcp();
  says("1", "classic");
  const PassedListeners passed = taken();
  EXPECT_NE(::fcntl(kFirst, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(kFirst, F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(PassedListenersTest, AreTakenOnce) {
  pass_tcp();
  says("1", "classic");
  const PassedListeners passed = taken();
  for (const char* const name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  EXPECT_THAT(taken().classic, IsEmpty());
}

TEST_F(PassedListenersTest, AreOftenNone) {
  pass_tcp();
  EXPECT_THAT(taken().classic, IsEmpty());
  says("1", "classic", "1");  // its parent's
  EXPECT_THAT(taken().classic, IsEmpty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr) << "nor are they a child's";
  says("1", "classic");
  ::unsetenv("LISTEN_PID");
  EXPECT_THAT(taken().classic, IsEmpty());
  EXPECT_EQ(::fcntl(kFirst, F_GETFD) & FD_CLOEXEC, 0) << "what is not ours stays as it is";
}

TEST_F(PassedListenersTest, ACountThatCannotBeIsRefused) {
  for (const char* const bad : {"0", "-1", "x", "", "1 ", "99999999999"}) {
    says(bad, "classic");
    EXPECT_THAT(refused(), HasSubstr("LISTEN_FDS=" + std::string(bad) + ":"));
    says("1", "classic", *bad == '\0' ? " " : bad);
    EXPECT_THAT(refused(), HasSubstr("LISTEN_PID="));
  }
  pass_tcp();
  says("2", "classic:classic");
  EXPECT_THAT(refused(), HasSubstr("the descriptor 201, passed as classic, is not open"));
  pass_tcp();
  says("2", "classic");
  EXPECT_THAT(refused(), HasSubstr("LISTEN_FDS is 2, and LISTEN_FDNAMES has 1 names"));
}

TEST_F(PassedListenersTest, ANameThatIsUnknownIsRefused) {
  pass_tcp();
  for (const char* const name : {"web", "parleyd-relay.socket", "Classic", "\n"}) {
    says("1", name);
    EXPECT_THAT(refused(), HasSubstr("FileDescriptorName= classic, relay or admin"));
  }
  says("1", "");
  EXPECT_THAT(refused(), HasSubstr("the descriptor 200, passed as unknown, is nothing known"));
}

TEST_F(PassedListenersTest, WhatDoesNotListenForStreamsIsRefused) {
  const auto check = [this](const Descriptor& passed) {
    pass(passed);
    says("1", "classic");
    EXPECT_THAT(refused(), HasSubstr("is no TCP socket that listens"));
    passed_ = 0;
  };
  check(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  check(Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  check(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));  // does not listen, as with Accept=yes
  pass_unix(SOCK_DGRAM, 0600);
  says("1", "admin");
  EXPECT_THAT(refused(), HasSubstr("is no TCP socket that listens"));
  passed_ = 0;
  pass_unix(SOCK_STREAM, 0600);
  says("1", "relay");
  EXPECT_THAT(refused(), HasSubstr("is no TCP socket that listens"));
}

TEST_F(PassedListenersTest, AnAdminSocketThatEverybodyMayConnectToIsRefused) {
  const std::string path = pass_unix(SOCK_STREAM, 0666);
  says("1", "admin");
  EXPECT_THAT(refused(), HasSubstr("is " + path + ", which everybody may connect to"));
  passed_ = 0;
  const Descriptor nameless(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr any{AF_UNIX, {}};  // of this length the kernel draws a name, which has no file
  ASSERT_EQ(::bind(nameless.get(), &any, sizeof any.sa_family), 0);
  ASSERT_EQ(::listen(nameless.get(), 1), 0);
  pass(nameless);
  says("1", "admin");
  EXPECT_THAT(refused(), HasSubstr("is a Unix socket without a file"));
}

TEST_F(PassedListenersTest, TakeThePlaceOfThoseOfTheirProtocol) {
  ServiceSettings settings;
  settings.relay_without_certificate = true;
  EXPECT_EQ(PassedListeners().in_place_of(settings).classic_listen, settings.classic_listen);
  PassedListeners passed;
  passed.relay.push_back({Descriptor(), {"*", 443}});
  EXPECT_THROW((void)passed.in_place_of(settings), std::runtime_error) << "there is no certificate";
  settings.relay.self_signed = "/somewhere";
  const ServiceSettings used = passed.in_place_of(settings);
  EXPECT_EQ(used.relay_listen, std::vector<Endpoint>({{"*", 443}}));
  EXPECT_FALSE(used.relay_without_certificate);
  EXPECT_EQ(used.classic_listen, settings.classic_listen) << "no socket was passed for it";
}

}  // namespace
}  // namespace parley
