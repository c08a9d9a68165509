#include "base/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "base/trim.h"

namespace parley {

namespace {

BioPtr bio_of(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool is_end() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// What is wrong with a text that a person looks at: OpenSSL's words for it are "PEM lib" and the like.
constexpr const char* kDamaged = "cut off or damaged";

// Whether every block that begins in it ends, and the other way round. OpenSSL takes the beginning of a BEGIN line, at
// which a copy may have been cut off, for a comment.
bool is_whole(std::string_view pem) {
  constexpr std::string_view kDashes = "-----";
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  std::string_view open;  // the label of the block that has begun, with the dashes behind it
  while (!pem.empty()) {
    const std::size_t end = std::min(pem.find('\n'), pem.size());
    const std::string_view line = trim(pem.substr(0, end));
    const bool last = end == pem.size();
    pem.remove_prefix(std::min(end + 1, pem.size()));
    if (last && !line.empty() && kBegin.starts_with(line)) return false;
    if (!line.starts_with(kDashes)) continue;
    const std::string_view mark = open.empty() ? kBegin : kEnd;
    if (!line.starts_with(mark)) return false;
    const std::string_view label = line.substr(mark.size());
    if (!label.ends_with(kDashes) || (!open.empty() && label != open)) return false;
    open = open.empty() ? label : std::string_view();
  }
  return open.empty();
}

// Without it OpenSSL would ask at the terminal, and a reload there would hold everything up.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

tl::expected<std::vector<X509Ptr>, std::string> read_certificates(std::string_view pem) {
  if (!is_whole(pem)) return tl::make_unexpected(std::string(kDamaged));
  ERR_clear_error();
  std::vector<X509Ptr> certificates;
  const BioPtr bio = bio_of(pem);
  for (;;) {
    // Takes a "TRUSTED CERTIFICATE" too.
    X509Ptr next(bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr) : nullptr);
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  const bool read_to_end = is_end();
  ERR_clear_error();
  if (!read_to_end) return tl::make_unexpected(std::string(kDamaged));
  if (certificates.empty()) return tl::make_unexpected(std::string("no certificate in it"));
  return certificates;
}

tl::expected<PkeyPtr, std::string> read_private_key(std::string_view pem) {
  ERR_clear_error();
  const BioPtr bio = bio_of(pem);
  PkeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  ERR_clear_error();
  if (key && is_whole(pem)) return key;
  if (pem.find("ENCRYPTED") != pem.npos) return tl::make_unexpected(std::string("it is encrypted"));
  // OpenSSL says "unsupported" of a text without one.
  if (pem.find("PRIVATE KEY-----") == pem.npos) return tl::make_unexpected(std::string("no private key in it"));
  return tl::make_unexpected(std::string(kDamaged));
}

}  // namespace parley
