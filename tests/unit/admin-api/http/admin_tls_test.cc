#include "admin-api/http/admin_tls.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "admin-api/admin_server.h"
#include "admin-api/http/client_socket.h"
#include "admin-api/http/connection_slots.h"
#include "base/descriptor.h"
#include "base/openssl_ptr.h"
#include "service/net/self_signed.h"
#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AdminTlsTest : public testing::Test {
 protected:
  AdminTlsTest() {
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    settings.listen = {{"127.0.0.1", 0}};
    settings.certificate = make("one");
    settings.key = directory_ + "/one-key.pem";
  }
  ~AdminTlsTest() override { std::filesystem::remove_all(directory_); }

  // A certificate of that name, with its key beside it.
  std::string make(const std::string& name) {
    std::string certificate = directory_ + "/" + name + ".pem";
    EXPECT_EQ(make_self_signed(certificate, directory_ + "/" + name + "-key.pem"), std::nullopt);
    return certificate;
  }
  AdminTls::Context context() const {
    auto read = AdminTls::read(settings);
    EXPECT_TRUE(read) << read.error();
    return read ? *read : nullptr;
  }
  std::uint16_t serve(HttpLimits limits = {}) {
    tls.use(context());
    server.emplace(settings, tls, token, service, service, service, limits);
    server->start();
    return server->listeners().front().port;
  }

  AdminSettings settings;
  AdminTls tls;
  AdminToken token;
  FakeService service;
  std::optional<AdminServer> server;

 private:
  std::string directory_ = (std::filesystem::temp_directory_path() / "parley-XXXXXX").string();
};

TEST_F(AdminTlsTest, SaysWhichContentsAreOthers) {
  EXPECT_THAT(tls.use(nullptr), IsEmpty());
  EXPECT_THAT(tls.use(context()), ElementsAre("admin-cert"));
  EXPECT_THAT(tls.use(context()), IsEmpty());
  settings.client_ca = make("authority");
  EXPECT_THAT(tls.use(context()), ElementsAre("admin-client-ca"));
  std::filesystem::copy_file(make("another"), settings.client_ca, std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(tls.use(context()), ElementsAre("admin-client-ca"));
  EXPECT_THAT(tls.use(context()), IsEmpty());
  EXPECT_THAT(tls.use(nullptr), ElementsAre("admin-cert"));
}

TEST_F(AdminTlsTest, WhoDoesNotBeginItIsToldSo) {
  httplib::Client plain("127.0.0.1", serve());
  const auto answer = plain.Get("/healthz");
  ASSERT_TRUE(answer) << httplib::to_string(answer.error());
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, testing::HasSubstr("https"));
}

// OpenSSL would take as many of them in one call as have arrived.
TEST_F(AdminTlsTest, WhoOnlyChangesKeysMeetsTheDeadline) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const Descriptor client_end(ends[0]);
  const SslCtxPtr own(SSL_CTX_new(TLS_client_method()));
  const SslPtr client(SSL_new(own.get()));
  ASSERT_EQ(SSL_set_fd(client.get(), client_end.get()), 1);
  ASSERT_EQ(::fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
  ConnectionSlots slots(1);
  ASSERT_TRUE(slots.claim(ends[1]));
  std::optional<ClientSocket> socket(std::in_place, ends[1], slots, HttpLimits{.idle = 50ms}, context().get());
  std::thread greeting([&] { SSL_connect(client.get()); });
  EXPECT_EQ(socket->greet(), ClientSocket::Greeting::done);
  greeting.join();

  // Some 4 us each to take, so 200 ms for all of them.
  BIO* const made = BIO_new(BIO_s_mem());
  SSL_set0_wbio(client.get(), made);
  for (int i = 0; i < 50'000; ++i) {
    ASSERT_EQ(SSL_key_update(client.get(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(client.get()), 1);
  }
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(made, &data));
  std::size_t taken = 0;
  std::thread sending([&] {
    for (ssize_t count = 0; taken < size && count >= 0; taken += static_cast<std::size_t>(std::max<ssize_t>(count, 0)))
      count = ::send(client_end.get(), data + taken, size - taken, MSG_NOSIGNAL);
  });
  EXPECT_FALSE(socket->await_request());
  socket.reset();
  sending.join();
  EXPECT_LT(taken, size);
}

}  // namespace
}  // namespace parley
