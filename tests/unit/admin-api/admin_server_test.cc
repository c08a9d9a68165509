#include "admin-api/admin_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "admin-api/healthcheck.h"
#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

// A client that says exactly what it is told to.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(std::string_view text) const {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // For clients that may have been cut meanwhile.
  void try_send(std::string_view text) const {
    [[maybe_unused]] const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // Everything until the server closes, or 10 s have passed.
  std::string read_all() const {
    std::string text;
    char buffer[4096];
    pollfd entry{.fd = fd_, .events = POLLIN, .revents = 0};
    while (::poll(&entry, 1, 10'000) > 0) {
      const ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
      if (count <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    ADD_FAILURE() << "still open";
    return text;
  }
  void shrink_receive_buffer() const {
    const int size = 1;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }

 private:
  int fd_;
};

AdminSettings listening(std::vector<Endpoint> listen) {
  AdminSettings settings;
  settings.listen = std::move(listen);
  return settings;
}

class AdminServerTest : public testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    server.emplace(settings, tls, token, service, service, service, limits);
    server->start();
    port = server->listeners().front().port;
  }
  httplib::Client client() const { return httplib::Client("127.0.0.1", port); }

  FakeService service;
  AdminSettings settings = listening({{"127.0.0.1", 0}});
  AdminToken token;
  AdminTls tls;
  std::optional<AdminServer> server;
  std::uint16_t port = 0;
};

void expect_problem(const httplib::Result& result, int status) {
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, status);
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json");
  EXPECT_EQ(json::parse(result->body)["status"], status);
}

TEST_F(AdminServerTest, EveryAnswerHasItsHeaders) {
  start();
  auto http = client();
  http.set_keep_alive(true);
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/sessions", "/api/v1/lobby",
                           "/nothing", "/api/v1/sessions/0000000000000001"}) {
    const auto result = http.Get(path);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(result->get_header_value("Cache-Control"), "no-store") << path;
    EXPECT_EQ(result->get_header_value("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_FALSE(result->get_header_value("Content-Type").empty()) << path;
    EXPECT_EQ(result->get_header_value_count("Connection"), 0u) << path;
  }
}

TEST_F(AdminServerTest, HeadHasTheHeadersOfGet) {
  start();
  auto http = client();
  for (const char* path : {"/healthz", "/readyz", "/api/v1/sessions", "/api/v1/lobby", "/nothing"}) {
    const auto get = http.Get(path);
    const auto head = http.Head(path);
    ASSERT_TRUE(get && head) << path;
    EXPECT_EQ(head->status, get->status) << path;
    EXPECT_EQ(head->headers, get->headers) << path;
    EXPECT_TRUE(head->body.empty()) << path;
  }
}

TEST_F(AdminServerTest, AnswersAreWholeAndCompressedOnlyByGzip) {
  start();
  const auto result = client().Get("/healthz", {{"Range", "lots"}, {"Accept-Encoding", "br"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->body, "ok\n");
  EXPECT_FALSE(result->has_header("Content-Range"));
  EXPECT_FALSE(result->has_header("Content-Encoding"));
  const auto compressed = client().Get("/healthz", {{"Accept-Encoding", "br, gzip"}});
  ASSERT_TRUE(compressed);
  EXPECT_EQ(compressed->get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed->body, "ok\n");
}

TEST_F(AdminServerTest, QueriesAndPathsAreDecoded) {
  service.all_sessions.push_back(make_session(7));
  start();
  auto http = client();
  EXPECT_EQ(http.Get("/%61pi/v1/sessions?st%61te=activ%65&limit=1")->status, 200);
  expect_problem(http.Get("/api/v1/sessions?limit=1&limit=2"), 400);
  expect_problem(http.Get("/api/v1/sessions?room=x"), 400);
  EXPECT_EQ(http.Get("/api/v1/sessions/0000000000000007")->status, 200);
}

TEST_F(AdminServerTest, RefusesByTokenAndByHost) {
  token.use("s3cret");
  start();
  auto http = client();
  const auto refused = http.Get("/api/v1/status");
  expect_problem(refused, 401);
  EXPECT_EQ(refused->get_header_value("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(http.Get("/api/v1/status", {{"Authorization", "Bearer s3cret"}})->status, 200);

  token.use({});
  auto other = client();
  EXPECT_EQ(other.Get("/api/v1/status")->status, 200);
  expect_problem(other.Get("/api/v1/status", {{"Host", "rebound.example"}}), 403);
}

TEST_F(AdminServerTest, MethodsAndBodies) {
  start();
  auto http = client();
  const auto post = http.Post("/healthz", "x", "text/plain");
  expect_problem(post, 405);
  EXPECT_EQ(post->get_header_value("Allow"), "GET, HEAD");
  EXPECT_EQ(post->get_header_value("Connection"), "close");
  expect_problem(http.Post("/healthz", std::string(100'000, 'x'), "text/plain"), 413);
  expect_problem(http.Delete("/api/v1/sessions/0000000000000001"), 404);
  expect_problem(http.Delete("/api/v1/sessions"), 405);
}

TEST_F(AdminServerTest, ABodyIsNeverTakenForTheNextRequest) {
  start();
  const std::string hidden = "GET /nothing HTTP/1.1\r\n\r\n";
  for (const char* head : {"Transfer-Encoding: chunked", "Content-Length: x", "Content-Length: 65537"}) {
    const RawClient raw(port);
    raw.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + std::string(head) + "\r\n\r\n" + hidden);
    const std::string answer = raw.read_all();
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << head;
    EXPECT_THAT(answer, testing::Not(HasSubstr("404"))) << head;
  }
  // What is announced is read, and the next request is the one behind it.
  const RawClient raw(port);
  raw.send("GET /healthz HTTP/1.1\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n" + hidden +
           "GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answers = raw.read_all();
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nok\n"));
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nready\n"));
  EXPECT_THAT(answers, testing::Not(HasSubstr("404")));
}

TEST_F(AdminServerTest, ABodyThatIsWaitedForIsAskedFor) {
  start();
  const RawClient raw(port);
  raw.send(
      "POST /api/v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 18\r\n"
      "Expect: 100-continue\r\nConnection: close\r\n\r\n");
  raw.send(R"({"deadline_s": 10})");
  const std::string answer = raw.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 ")) << answer;
}

TEST_F(AdminServerTest, ABodyThatDoesNotComeInTimeEndsTheConnection) {
  HttpLimits limits;
  limits.head = std::chrono::milliseconds(50);
  start(limits);
  const RawClient raw(port);
  raw.send("POST /api/v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18\r\n\r\n{");
  EXPECT_EQ(raw.read_all(), "");
  EXPECT_FALSE(service.drain_now);
}

TEST_F(AdminServerTest, WhatIsRefusedIsFollowedByNothing) {
  start();
  for (const char* field :
       {"Content-Length : 27", " Content-Length: 27", "Content-Length:", "Content-Length", "X: \x01",
        "Content-Length: 27\r\nTransfer-Encoding: chunked", "X: a\nContent-Length: 27"}) {
    const RawClient raw(port);
    raw.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + std::string(field) +
             "\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n");
    const std::string answer = raw.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << field << answer;
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << field;
    EXPECT_THAT(answer, testing::Not(HasSubstr("404"))) << field;
  }
}

TEST_F(AdminServerTest, AnAbsoluteTargetWorksAndItsHostIsJudged) {
  start();
  const auto status = [this](std::string_view target, std::string_view host) {
    const RawClient raw(port);
    raw.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) +
             "\r\nConnection: close\r\n\r\n");
    return raw.read_all().substr(9, 3);
  };
  EXPECT_EQ(status("http://localhost:8080/api/v1/status", "localhost"), "200");
  EXPECT_EQ(status("http://localhost/api/v1/status", "rebound.example"), "200");
  EXPECT_EQ(status("http://rebound.example/api/v1/status", "localhost"), "403");
  EXPECT_EQ(status("http://localhost@rebound.example/api/v1/status", "localhost"), "403");
}

TEST_F(AdminServerTest, SeveralRequestsOnOneConnection) {
  start();
  const RawClient raw(port);
  raw.send(
      "GET /healthz HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\nGET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answer = raw.read_all();
  EXPECT_THAT(answer, HasSubstr("ok\n"));
  EXPECT_THAT(answer, HasSubstr("404 Not Found"));
  EXPECT_THAT(answer, HasSubstr("ready\n"));
}

TEST_F(AdminServerTest, WhatIsNotHttpGetsAProblem) {
  start();
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"FROB /healthz HTTP/1.1\r\n\r\n", 400},
      {"GET /healthz HTTP/3\r\n\r\n", 400},
      {"GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 400},
      {"GET /healthz HTTP/1.1\r\n" + std::string(20'000, '\r'), 400},
      {"GET /" + std::string(10'000, 'x') + " HTTP/1.1\r\n\r\n", 414},
  };
  for (const auto& [text, status] : cases) {
    const RawClient raw(port);
    raw.send(text);
    const std::string answer = raw.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status))) << text << answer.substr(0, 40);
    for (const char* part : {"application/problem+json", "no-store", "nosniff", "Connection: close"}) {
      EXPECT_THAT(answer, HasSubstr(part)) << text;
    }
  }
}

TEST_F(AdminServerTest, AnEndlessFirstLineIsCut) {
  start();
  const RawClient raw(port);
  raw.send(std::string(20'000, 'x'));
  EXPECT_EQ(raw.read_all(), "");
}

TEST_F(AdminServerTest, DrippingClientsLeaveRoomForOthers) {
  HttpLimits limits;
  limits.connections = 8;
  limits.head = 60s;  // only the bound on connections is at work
  start(limits);
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(port);
    slow.back().send("GET /heal");
  }
  for (int round = 0; round < 20; ++round) {
    for (const RawClient& raw : slow) raw.try_send("x");
    const auto start_time = std::chrono::steady_clock::now();
    const auto result = client().Get("/healthz");
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    EXPECT_EQ(result->status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start_time, 1s);
  }
}

TEST_F(AdminServerTest, ARequestHasADeadlineAsAWhole) {
  HttpLimits limits;
  limits.head = 200ms;
  start(limits);
  const RawClient raw(port);
  const auto start_time = std::chrono::steady_clock::now();
  std::jthread drip([&raw](std::stop_token stop) {
    while (!stop.stop_requested()) {
      raw.try_send("G");
      std::this_thread::sleep_for(10ms);  // the pace is what is tested
    }
  });
  EXPECT_EQ(raw.read_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start_time, 5s);
}

TEST_F(AdminServerTest, IdleConnectionsAreClosed) {
  HttpLimits limits;
  limits.idle = 100ms;
  start(limits);
  EXPECT_EQ(RawClient(port).read_all(), "");
}

TEST_F(AdminServerTest, ClientsThatDoNotReadLeaveRoomForOthers) {
  for (std::uint64_t id = 200; id > 0; --id) service.all_sessions.push_back(make_session(id));
  HttpLimits limits;
  limits.connections = 2;
  limits.response = 60s;  // only the bound on connections is at work
  start(limits);
  std::vector<RawClient> greedy;
  for (int i = 0; i < 4; ++i) {
    greedy.emplace_back(port);
    greedy.back().shrink_receive_buffer();
    // 180 KB each, more than the kernel buffers for a connection.
    for (int j = 0; j < 60; ++j) {
      greedy.back().try_send("GET /api/v1/sessions?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
  }
  auto http = client();
  http.set_read_timeout(30);
  const auto result = http.Get("/healthz");
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_EQ(result->status, 200);
}

TEST_F(AdminServerTest, ASecondServerCannotTakeThePort) {
  start();
  const AdminSettings same = listening({{"127.0.0.1", 0}, {"127.0.0.1", port}});
  AdminServer second(same, tls, token, service, service, service);
  try {
    second.start();
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), "admin listener 127.0.0.1:" + std::to_string(port) +
                                ": Address already in use; stop what uses it, or choose another with --admin-listen");
  }
  EXPECT_TRUE(second.listeners().empty());
}

TEST_F(AdminServerTest, AnAddressThatIsNotOurs) {
  settings.listen = {{"192.0.2.1", 0}};
  EXPECT_THROW(start(), std::runtime_error);
}

TEST_F(AdminServerTest, SeveralListenersEachWithItsOwnRules) {
  settings.listen = {{"127.0.0.1", 0}, {"0.0.0.0", 0}};
  start();
  ASSERT_EQ(server->listeners().size(), 2u);
  EXPECT_EQ(client().Get("/api/v1/status")->status, 200);
  httplib::Client open("127.0.0.1", server->listeners()[1].port);
  expect_problem(open.Get("/api/v1/status"), 403);
  EXPECT_EQ(open.Get("/healthz")->status, 200);
}

TEST_F(AdminServerTest, StopsWithConnectionsOpen) {
  start();
  const RawClient idle(port), half(port);
  half.send("GET /he");
  auto http = client();
  http.set_keep_alive(true);
  EXPECT_EQ(http.Get("/healthz")->status, 200);
  server->stop();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(http.Get("/healthz"));
  server->start();
  EXPECT_FALSE(server->listeners().empty());
}

TEST_F(AdminServerTest, Healthcheck) {
  start();
  const auto run = [](const AdminSettings& asked, std::string& out, std::string& err) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = healthcheck(asked);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return status;
  };
  std::string out, err;
  EXPECT_EQ(run(listening(server->listeners()), out, err), 0);
  EXPECT_EQ(out, "ok\n");
  EXPECT_EQ(run(listening({{"0.0.0.0", port}}), out, err), 0);

  service.alive = {{"shard 0", false, "no answer for 9 s"}, {"shard 1", false, "no answer for 8 s"}};
  EXPECT_EQ(run(listening(server->listeners()), out, err), 1);
  EXPECT_EQ(err, "parleyd: healthcheck: 127.0.0.1:" + std::to_string(port) +
                     ": shard 0: no answer for 9 s, shard 1: no answer for 8 s\n");

  EXPECT_EQ(run(listening({}), out, err), 1);
  EXPECT_THAT(err, HasSubstr("--admin-listen"));
  server->stop();
  EXPECT_EQ(run(listening({{"127.0.0.1", port}}), out, err), 1);
  EXPECT_THAT(err, HasSubstr(": connection refused; is parleyd running"));
}

}  // namespace
}  // namespace parley
