#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "protocol/classic/private_key.h"

namespace parley::rsa {

// Opening one block: the private-key operation, then the constant-time padding check with implicit rejection
// (classic/padding.h), the same code whichever engine did the operation.
struct Opening {
  const classic::PrivateKey* key = nullptr;
  std::span<const std::byte> block;  // key->block_bytes() long
  std::span<std::byte> message;      // at least as long
  // Results:
  std::size_t message_bytes = 0;
  bool in_range = true;  // false: the block was not below the modulus, there is no message
};

// Does RSA private-key operations. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  // "openssl" or "crypto_mb".
  virtual std::string_view name() const = 0;
  // For people: versions, and, where crypto_mb was wanted and is not in use, why.
  virtual std::string detail() const = 0;
  // How many openings at once are worth handing over.
  virtual std::size_t batch() const = 0;
  // Does them all; at most batch() of them.
  virtual void open(std::span<Opening* const> openings) const = 0;
};

// `note`: what detail() adds to the version, such as why it is not crypto_mb.
std::unique_ptr<Engine> make_openssl_engine(std::string note = {});

// `where`: "auto" looks beside the program (../lib/parley/, lib/parley/), then where the loader looks; "off" is
// OpenSSL alone; else the library's path, and not being able to use it is an error (std::runtime_error with one
// line that says what, where and how to mend it).
std::unique_ptr<Engine> make_engine(std::string_view where);

}  // namespace parley::rsa
