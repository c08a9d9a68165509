#pragma once

#include <openssl/kdf.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace parley::chat {

template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};

using KdfPtr = std::unique_ptr<EVP_KDF, OpensslFree<EVP_KDF_free>>;
using KdfCtxPtr = std::unique_ptr<EVP_KDF_CTX, OpensslFree<EVP_KDF_CTX_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, OpensslFree<SSL_SESSION_free>>;

// For what OpenSSL refuses only without memory or randomness: nothing can be kept secret any more.
inline void must(bool done, const char* what) {
  if (!done) {
    std::fprintf(stderr, "OpenSSL failed: %s\n", what);
    std::abort();
  }
}

}  // namespace parley::chat
