#pragma once

#include <openssl/types.h>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace parley {

// What the relay shows its clients and how it greets them: TLS 1.3 only, ALPN `relay/1` or nothing, session tickets,
// no early data. Immutable: a reload makes another, and connections keep what they began with.
class TlsContext {
 public:
  // PEM: the certificate with its chain, and the private key. `client_ca`: unless empty, the authorities that must
  // vouch for a client's certificate; then there are no tickets, so that each connection is judged anew. The error is
  // one line: which file, why, how to mend it.
  static tl::expected<TlsContext, std::string> from_files(const std::string& certificate, const std::string& key,
                                                          const std::string& client_ca = {});

  // cert.pem and key.pem in `directory`, made there when neither is: an ECDSA P-256 key that only its owner can read,
  // and a certificate that it signs for itself.
  static tl::expected<TlsContext, std::string> self_signed(const std::string& directory,
                                                           const std::string& client_ca = {});

  SSL_CTX* native() const { return context_.get(); }

  // "sha256:" and, in base64url, the SHA-256 of the certificate's SubjectPublicKeyInfo: what clients can be given
  // instead of a CA.
  const std::string& pin() const { return pin_; }

 private:
  TlsContext(std::shared_ptr<SSL_CTX> context, std::string pin) : context_(std::move(context)), pin_(std::move(pin)) {}

  std::shared_ptr<SSL_CTX> context_;
  std::string pin_;
};

}  // namespace parley
