#include "admin-api/http/admin_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string_view>
#include <utility>

#include "base/net/tls_identity.h"

namespace parley {

namespace {

// Under which OpenSSL resumes TLS sessions, were there any.
constexpr std::string_view kSessionContext = "parleyd's admin endpoint";

int let_in_our_own(int fine, X509_STORE_CTX* check) {
  const auto* const ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(check, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509* const shown = X509_STORE_CTX_get0_cert(check);
  if (fine == 1 || shown == nullptr || X509_cmp(shown, SSL_get_certificate(ssl)) != 0) return fine;
  X509_STORE_CTX_set_error(check, X509_V_OK);
  return 1;
}

}  // namespace

tl::expected<AdminTls::Context, std::string> AdminTls::read(const AdminSettings& settings) {
  if (settings.certificate.empty()) return nullptr;
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const ctx = context.get();
  if (ctx == nullptr) return tl::unexpected(std::string("there is no memory for TLS"));
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_max_early_data(ctx, 0);
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);  // a client that only changes its keys meets the deadlines
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  const auto shown = show_files(ctx, {.certificate = settings.certificate,
                                      .key = settings.key,
                                      .certificate_option = "--admin-cert",
                                      .key_option = "--admin-key"});
  if (!shown) return tl::unexpected(shown.error());
  if (settings.client_ca.empty()) return context;
  if (const auto asked = ask_clients(ctx, "--admin-client-ca", settings.client_ca); !asked)
    return tl::unexpected(asked.error());
  SSL_CTX_set_verify(ctx, SSL_CTX_get_verify_mode(ctx), let_in_our_own);
  return context;
}

std::vector<std::string> AdminTls::use(Context context) {
  const std::lock_guard lock(mutex_);
  const Context before = std::exchange(context_, std::move(context));
  if (before == nullptr && context_ == nullptr) return {};
  if (before == nullptr || context_ == nullptr) return {"admin-cert"};
  std::vector<std::string> changed;
  if (!shows_same(before.get(), context_.get())) changed.emplace_back("admin-cert");
  if (!asks_for_same(before.get(), context_.get())) changed.emplace_back("admin-client-ca");
  return changed;
}

AdminTls::Context AdminTls::now() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace parley
