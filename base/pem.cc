#include "base/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace parley {

namespace {

BioPtr bio_of(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool is_end() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

std::string last_words() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text != nullptr ? text : "not understood";
}

// Without it OpenSSL would ask at the terminal, and a reload there would hold everything up.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

tl::expected<std::vector<X509Ptr>, std::string> read_certificates(std::string_view pem) {
  ERR_clear_error();
  std::vector<X509Ptr> certificates;
  const BioPtr bio = bio_of(pem);
  for (;;) {
    // Takes a "TRUSTED CERTIFICATE" too.
    X509Ptr next(bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr) : nullptr);
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  if (!is_end()) return tl::make_unexpected(last_words());
  ERR_clear_error();
  if (certificates.empty()) return tl::make_unexpected(std::string("no certificate in it"));
  return certificates;
}

tl::expected<PkeyPtr, std::string> read_private_key(std::string_view pem) {
  ERR_clear_error();
  const BioPtr bio = bio_of(pem);
  PkeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  if (key) return key;
  const std::string why = last_words();
  if (pem.find("ENCRYPTED") != pem.npos) return tl::make_unexpected(std::string("it is encrypted"));
  // OpenSSL says "unsupported" of a text without one.
  if (pem.find("PRIVATE KEY-----") == pem.npos) return tl::make_unexpected(std::string("no private key in it"));
  return tl::make_unexpected(why);
}

}  // namespace parley
