#include "base/pin.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <tuple>

#include "base/base64url.h"
#include "base/openssl_ptr.h"

namespace parley {

namespace {

constexpr std::string_view kPrefix = "sha256:";

}  // namespace

std::optional<Pin> pin_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const OpensslBytesPtr owner(der);
  if (length <= 0) return std::nullopt;
  Pin pin{};
  const bool done = EVP_Digest(der, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(pin.data()),
                               nullptr, EVP_sha256(), nullptr) == 1;
  return done ? std::optional(pin) : std::nullopt;
}

std::string pin_text(const Pin& pin) { return std::string(kPrefix) + to_base64url(pin); }

std::optional<Pin> parse_pin(std::string_view text) {
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  return from_base64url<std::tuple_size_v<Pin>>(text);
}

}  // namespace parley
