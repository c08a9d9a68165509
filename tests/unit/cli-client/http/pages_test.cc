#include "cli-client/http/pages.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>

namespace parley::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kRequest = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";

// Clients of a socket that has no port, nor a file: the kernel names it.
class PagesTest : public testing::Test {
 protected:
  TimePoint now{std::chrono::hours(1)};
  sockaddr_un name{};
  socklen_t bytes = sizeof(sa_family_t);
  std::string body = "what it says\n";
  Pages pages{listener(), [this](std::string_view path) {
                return path == "/page" ? std::optional(Page{"text/plain", body}) : std::nullopt;
              }};

  Descriptor listener() {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    name.sun_family = AF_UNIX;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), bytes), 0);
    EXPECT_EQ(::listen(socket.get(), 128), 0);
    bytes = sizeof name;
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &bytes), 0);
    return socket;
  }
  Descriptor connect() const {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), bytes), 0);
    return socket;
  }
  static void say(const Descriptor& client, std::string_view text) {
    EXPECT_EQ(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // What has come for it.
  static std::string heard(const Descriptor& client) {
    std::string text;
    std::array<char, 4096> part;
    for (ssize_t count = 0; (count = ::recv(client.get(), part.data(), part.size(), 0)) > 0;) {
      text.append(part.data(), static_cast<std::size_t>(count));
    }
    return text;
  }
  static bool is_cut(const Descriptor& client) {
    char c = 0;
    return ::recv(client.get(), &c, 1, MSG_PEEK) == 0;
  }
  std::size_t clients() const { return pages.wanted().size() - 1; }
};

TEST_F(PagesTest, AClientIsAnsweredAndForgottenWhenItCloses) {
  Descriptor client = connect();
  say(client, kRequest);
  pages.advance(now);
  EXPECT_TRUE(heard(client).ends_with("what it says\n"));
  EXPECT_EQ(clients(), 1U);
  client.reset();
  pages.advance(now);
  EXPECT_EQ(clients(), 0U);
  EXPECT_FALSE(pages.deadline());
}

TEST_F(PagesTest, AClientThatDripsItsRequestHasItsTimeAndNoMore) {
  const Descriptor client = connect();
  for (TimePoint end = now + Pages::kTime; now < end; now += milliseconds(500)) {
    say(client, "G");
    pages.advance(now);
    EXPECT_FALSE(is_cut(client));
    EXPECT_EQ(pages.deadline(), end) << "it gains time";
  }
  pages.advance(now);
  EXPECT_TRUE(is_cut(client));
  EXPECT_EQ(clients(), 0U);
}

TEST_F(PagesTest, AClientThatReadsNothingHasItsTimeAndNoMore) {
  body.assign(std::size_t{4} << 20, 'x');
  const Descriptor client = connect();
  say(client, kRequest);
  pages.advance(now);
  EXPECT_EQ(clients(), 1U);
  now += Pages::kTime;
  pages.advance(now);
  EXPECT_EQ(clients(), 0U);
}

TEST_F(PagesTest, AnAnswerThatDoesNotFitGoesOnWhenThereIsRoom) {
  body.assign(std::size_t{2} << 20, 'x');
  const Descriptor client = connect();
  say(client, kRequest);
  std::string text;
  for (int turn = 0; turn < 1000 && text.size() < body.size(); ++turn) {
    pages.advance(now);
    text += heard(client);
  }
  EXPECT_TRUE(text.ends_with(body));
}

TEST_F(PagesTest, TheFirstOfTooManyGoesAndTheLastIsAnswered) {
  std::vector<Descriptor> silent;
  for (std::size_t i = 0; i < Pages::kMostClients; ++i) {
    silent.push_back(connect());
    pages.advance(now);
  }
  EXPECT_FALSE(is_cut(silent.front()));
  const Descriptor client = connect();
  say(client, kRequest);
  pages.advance(now);
  EXPECT_TRUE(is_cut(silent.front()));
  EXPECT_FALSE(is_cut(silent.back()));
  EXPECT_TRUE(heard(client).ends_with("what it says\n"));
  EXPECT_EQ(clients(), Pages::kMostClients);
}

TEST_F(PagesTest, WhoSaysMoreAndMoreIsCutOff) {
  const Descriptor client = connect();
  say(client, kRequest);
  pages.advance(now);
  const std::string more(8 * 1024, 'x');
  for (int turn = 0; turn < 100 && clients() > 0; ++turn) {
    (void)::send(client.get(), more.data(), more.size(), MSG_NOSIGNAL);
    pages.advance(now);
  }
  EXPECT_EQ(clients(), 0U);
}

}  // namespace
}  // namespace parley::client
