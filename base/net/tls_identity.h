#pragma once

#include <openssl/types.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/openssl_ptr.h"
#include "base/secret_file.h"

namespace parley {

// What one side of TLS shows the other.

// The first certificate is this side's own, the others are its chain. The error says why in OpenSSL's words.
tl::expected<void, std::string> show_certificates(SSL_CTX* context, const std::vector<X509Ptr>& certificates);

// After show_certificates(). False when it is the key of another certificate.
bool prove_with(SSL_CTX* context, EVP_PKEY* key);

// PEM files, and the options that name them in errors: one line with which file, why, and how to mend it.
struct IdentityFiles {
  std::string certificate;  // with its chain
  std::string key;          // of the certificate, not encrypted; nobody else can get at it
  const char* certificate_option = "--cert";
  const char* key_option = "--key";
  SecretGroup key_group = SecretGroup::of_root;
};
tl::expected<void, std::string> show_files(SSL_CTX* context, const IdentityFiles& files);

// Of a server: clients must show a certificate that one of those in the PEM file vouches for, be it an authority below
// another. The error as above.
tl::expected<void, std::string> ask_clients(SSL_CTX* context, const char* option, const std::string& path);

// Whether both show the same certificate and chain, and whether both want clients to be vouched for by the same ones.
bool shows_same(SSL_CTX* one, SSL_CTX* other);
bool asks_for_same(SSL_CTX* one, SSL_CTX* other);

}  // namespace parley
