#include "base/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>

namespace parley::chat {

void wipe(std::span<std::byte> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }
void wipe(std::span<char> text) { OPENSSL_cleanse(text.data(), text.size()); }

template <std::size_t N>
SecretBytes<N>::SecretBytes(std::span<const std::byte, N> bytes) {
  std::ranges::copy(bytes, bytes_.begin());
}

template <std::size_t N>
SecretBytes<N>::~SecretBytes() {
  wipe(bytes_);
}

template class SecretBytes<kSecretBytes>;
template class SecretBytes<kPskBytes>;

SecretText::SecretText(std::size_t max_size) { text_.reserve(max_size); }

SecretText::~SecretText() { wipe(std::span(text_)); }

void SecretText::append(std::string_view more) {
  if (more.size() > text_.capacity() - text_.size()) {
    std::abort();
  }
  text_.insert(text_.end(), more.begin(), more.end());
}

}  // namespace parley::chat
