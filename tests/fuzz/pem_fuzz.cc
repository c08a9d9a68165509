// A file of certificates, or of a key, of any bytes: what is read is whole, and the rest says why it is not.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/pem.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using parley::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto certificates = parley::read_certificates(text)) {
    require(!certificates->empty());
    for (const auto& certificate : *certificates) require(i2d_X509(certificate.get(), nullptr) > 0);
  } else {
    require(!certificates.error().empty());
  }
  if (text.find("KEY") == text.npos) return 0;  // reading keys is slow
  if (const auto key = parley::read_private_key(text)) {
    require(EVP_PKEY_get_bits(key->get()) >= 0);
  } else {
    require(!key.error().empty());
  }
  return 0;
}
