#include "cli-client/net/system_authorities.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace parley::client {
namespace {

// OpenSSL's own places were settled when it was compiled, for the distribution that it was part of; a program that
// holds it may run on any. As Go's crypto/x509 has them (root_linux.go).
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Gentoo, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/cert.pem",                                  // Alpine
};

bool is_set(const char* variable) { return std::getenv(variable) != nullptr; }

// A file, or a folder with something in it.
bool holds_something(const char* path) {
  std::error_code error;
  return !std::filesystem::is_empty(path, error) && !error;
}

}  // namespace

bool trust_system_authorities(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  const bool found = is_set(X509_get_default_cert_file_env()) || is_set(X509_get_default_cert_dir_env()) ||
                     holds_something(X509_get_default_cert_file()) || holds_something(X509_get_default_cert_dir()) ||
                     std::ranges::any_of(kBundles, [context](const char* bundle) {
                       return SSL_CTX_load_verify_file(context, bundle) == 1;
                     });
  ERR_clear_error();
  return found;
}

}  // namespace parley::client
