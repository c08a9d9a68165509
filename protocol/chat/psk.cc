#include "protocol/chat/psk.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstdio>

#include "base/big_endian.h"
#include "base/bytes.h"
#include "base/openssl.h"
#include "base/openssl_ptr.h"

namespace parley::chat {
namespace {

constexpr std::string_view kInfo = "parley inner tls 1";

OSSL_PARAM octets(const char* name, std::span<const std::byte> bytes) {
  // OSSL_PARAM's pointers are not const, though a KDF only reads these.
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

Psk derive_psk(const Secret& secret, std::string_view room) {
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfCtxPtr context(EVP_KDF_CTX_new(kdf.get()));
  must(context != nullptr, "HKDF");
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, secret.reveal()),
      octets(OSSL_KDF_PARAM_SALT, as_bytes(room)),
      octets(OSSL_KDF_PARAM_INFO, as_bytes(kInfo)),
      OSSL_PARAM_construct_end(),
  };
  Psk psk;
  const auto out = psk.fill();
  must(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(), params) == 1, "HKDF");
  return psk;
}

std::string verify_text(std::span<const std::byte, kVerifyBytes> exported) {
  std::string text;
  for (std::size_t at = 0; at < kVerifyBytes; at += 4) {
    char group[sizeof "00000"];
    const auto number = static_cast<unsigned>(read_number(exported.subspan(at, 4)) % 100'000);
    (void)std::snprintf(group, sizeof group, "%05u", number);
    text.append(at == 0 ? "" : " ").append(group);
  }
  return text;
}

}  // namespace parley::chat
