#include "admin-api/admin_client.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/net/listen.h"
#include "base/pem.h"
#include "base/regular_file.h"

namespace parley {

namespace {

// Where to reach a listener that listens on all addresses.
Endpoint reachable(Endpoint listener) {
  if (listener.address == "0.0.0.0" || listener.address == kEveryAddress) listener.address = "127.0.0.1";
  if (listener.address == "::") listener.address = "::1";
  return listener;
}

int is_the_known_one(X509_STORE_CTX* check, void* known) {
  if (known != nullptr && X509_cmp(X509_STORE_CTX_get0_cert(check), static_cast<X509*>(known)) == 0) return 1;
  X509_STORE_CTX_set_error(check, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

// Knows the relay by its certificate itself: it is asked for by address, and is no other when its certificate has
// expired. `known` must outlive it; nullptr knows nobody.
std::unique_ptr<httplib::ClientImpl> tls_client(const Endpoint& asked, const AdminSettings& relay, X509* known) {
  auto client = relay.key.empty()
                    ? std::make_unique<httplib::SSLClient>(asked.address, asked.port)
                    : std::make_unique<httplib::SSLClient>(asked.address, asked.port, relay.certificate, relay.key);
  client->enable_server_certificate_verification(false);  // by names, and by what this machine trusts
  SSL_CTX* const context = client->ssl_context();
  if (context == nullptr) return client;
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, is_the_known_one, known);
  return client;
}

X509Ptr own_certificate(const std::string& path) {
  const auto text = read_regular_file(path);
  if (!text) return nullptr;
  auto certificates = read_certificates(*text);
  return certificates ? std::move(certificates->front()) : nullptr;
}

// httplib's own words are the names of its enumerators, and others in each version.
std::string why(httplib::Error error, std::chrono::seconds within, const std::string& certificate) {
  const std::string in_time = " within " + std::to_string(within.count()) + " s";
  switch (error) {
    case httplib::Error::Connection:
      return errno == EACCES || errno == ENOENT ? errno_text() : "connection refused";
    case httplib::Error::SSLConnection:
      return "no TLS with the certificate of admin-cert " + certificate;
    case httplib::Error::ConnectionTimeout:
      return "no connection" + in_time;
    case httplib::Error::Read:
      return "no answer" + in_time;
    default:
      return "no answer (" + httplib::to_string(error) + ")";
  }
}

}  // namespace

AdminClient::AdminClient(const AdminSettings& relay, std::chrono::seconds within)
    : certificate_(relay.certificate), within_(within), token_(relay.token) {
  const Endpoint asked = reachable(relay.listen.front());
  where_ = to_string(asked);
  if (const auto path = unix_path(asked)) {
    client_ = std::make_unique<httplib::ClientImpl>(*path);
    client_->set_address_family(AF_UNIX);
    client_->set_default_headers({{"Host", "localhost"}});
  } else if (!certificate_.empty()) {
    known_ = own_certificate(certificate_);
    client_ = tls_client(asked, relay, known_.get());
  } else {
    client_ = std::make_unique<httplib::ClientImpl>(asked.address, asked.port);
  }
  client_->set_connection_timeout(within);
  client_->set_read_timeout(within);
  client_->set_write_timeout(within);
}

AdminClient::~AdminClient() = default;

tl::expected<AdminAnswer, std::string> AdminClient::call(const std::string& method, const std::string& path,
                                                         const std::string& json) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = json;
  if (!json.empty()) request.set_header("Content-Type", "application/json");
  if (token_) request.set_header("Authorization", "Bearer " + *token_);
  errno = 0;
  const httplib::Result result = client_->send(request);
  if (!result) return tl::unexpected(where_ + ": " + why(result.error(), within_, certificate_));
  return AdminAnswer{result->status, result->body};
}

}  // namespace parley
