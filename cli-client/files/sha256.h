#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>

#include "protocol/chat/bodies.h"

namespace parley::client {

// SHA-256 of bytes that come piece by piece. Running out of memory ends the program.
class Sha256 {
 public:
  Sha256();

  void update(chat::ByteView bytes);
  // Of all bytes so far; more may follow.
  chat::Digest digest() const;
  void reset();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace parley::client
