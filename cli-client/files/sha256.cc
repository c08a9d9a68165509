#include "cli-client/files/sha256.h"

#include "base/openssl.h"

namespace parley::client {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { reset(); }

void Sha256::update(ByteView bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "SHA-256");
}

chat::Digest Sha256::digest() const {
  const DigestCtxPtr copy(EVP_MD_CTX_new());
  chat::Digest digest{};
  must(copy && EVP_MD_CTX_copy_ex(copy.get(), context_.get()) == 1 &&
           EVP_DigestFinal_ex(copy.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1,
       "SHA-256");
  return digest;
}

void Sha256::reset() { must(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "SHA-256"); }

}  // namespace parley::client
