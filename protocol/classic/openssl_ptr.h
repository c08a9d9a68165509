#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <memory>

#include "base/openssl.h"

namespace parley::classic {

using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using SecretBignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_clear_free>>;
using BnCtxPtr = std::unique_ptr<BN_CTX, OpensslFree<BN_CTX_free>>;
using MontPtr = std::unique_ptr<BN_MONT_CTX, OpensslFree<BN_MONT_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;

}  // namespace parley::classic
