#pragma once

#include <memory>

#include "service/rsa/crypto_mb_library.h"
#include "service/rsa/engine.h"

namespace parley::rsa {

// RSA eight at a time. `origin`: where the library was found, for detail().
std::unique_ptr<Engine> make_crypto_mb_engine(CryptoMbLibrary library, std::string origin);

}  // namespace parley::rsa
