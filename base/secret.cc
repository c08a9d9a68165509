#include "base/secret.h"

#include <openssl/crypto.h>

#include <cstdlib>

namespace parley {

void wipe(std::span<std::byte> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }
void wipe(std::span<char> text) { OPENSSL_cleanse(text.data(), text.size()); }

SecretText::SecretText(std::size_t max_size) { text_.reserve(max_size); }

SecretText::~SecretText() { wipe(std::span(text_)); }

void SecretText::append(std::string_view more) {
  if (more.size() > text_.capacity() - text_.size()) {
    std::abort();
  }
  text_.insert(text_.end(), more.begin(), more.end());
}

}  // namespace parley
