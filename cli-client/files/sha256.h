#pragma once

#include "base/openssl_ptr.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// SHA-256 of bytes that come piece by piece. Running out of memory ends the program.
class Sha256 {
 public:
  Sha256();

  void update(ByteView bytes);
  // Of all bytes so far; more may follow.
  chat::Digest digest() const;
  void reset();

 private:
  DigestCtxPtr context_;
};

}  // namespace parley::client
