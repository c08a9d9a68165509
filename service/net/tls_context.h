#pragma once

#include <openssl/types.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/net/tls_identity.h"
#include "base/secret_file.h"

namespace parley {

// What the relay shows its clients and how it greets them: TLS 1.3 only, ALPN `relay/1` or nothing, session tickets,
// no early data. Immutable: a reload makes another, and connections keep what they began with.
class TlsContext {
 public:
  // PEM: the certificate with its chain, and the private key, in a file that nobody else can get at. `client_ca`:
  // unless empty, the authorities that must vouch for a client's certificate; then there are no tickets, so that each
  // connection is judged anew. The error is one line: which file, why, how to mend it.
  static tl::expected<TlsContext, std::string> from_files(const std::string& certificate, const std::string& key,
                                                          const std::string& client_ca = {},
                                                          SecretGroup key_group = SecretGroup::of_root);

  static constexpr const char* kCertificateFile = "cert.pem";
  static constexpr const char* kKeyFile = "key.pem";
  // Those two in `directory`, made there when neither is: an ECDSA P-256 key that only its owner can read,
  // and a certificate that it signs for itself. Later its group may read it too.
  static tl::expected<TlsContext, std::string> self_signed(const std::string& directory,
                                                           const std::string& client_ca = {});
  // Whether self_signed() would find its files there, and make nothing.
  static bool has_self_signed(const std::string& directory);

  SSL_CTX* native() const { return context_.get(); }

  // "sha256:" and, in base64url, the SHA-256 of the certificate's SubjectPublicKeyInfo: what clients can be given
  // instead of a CA.
  const std::string& pin() const { return pin_; }

  // SHA-256 of the certificate, in lower-case hexadecimal.
  const std::string& fingerprint() const { return fingerprint_; }

  using Time = std::chrono::system_clock::time_point;
  // When the certificate ends to be good, whatever comes after it in its chain, of which clients may need nothing.
  // nullopt with self_signed(): that one is known by its pin, and nobody asks for its dates.
  std::optional<Time> expires() const { return expires_; }

  // The issuer that a client could not find which trusts what this machine trusts (missing_issuer()), as it was when
  // the files were read. nullopt with self_signed().
  const std::optional<std::string>& missing_issuer() const { return missing_issuer_; }

  // Whether both show the same certificate and chain.
  bool same_certificate(const TlsContext& other) const;
  // Whether the same authorities' certificates vouch for clients.
  bool same_authorities(const TlsContext& other) const;

 private:
  static tl::expected<TlsContext, std::string> make(const IdentityFiles& files, const std::string& client_ca);
  explicit TlsContext(std::shared_ptr<SSL_CTX> context);

  std::shared_ptr<SSL_CTX> context_;
  std::string pin_;
  std::string fingerprint_;
  std::optional<Time> expires_;
  std::optional<std::string> missing_issuer_;
};

}  // namespace parley
