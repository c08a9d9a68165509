#include "protocol/classic/private_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "base/openssl.h"
#include "base/openssl_ptr.h"
#include "protocol/classic/errc.h"
#include "protocol/classic/padding.h"
#include "protocol/classic/public_key.h"

namespace parley::classic {
namespace {

unsigned char* raw_bytes(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string pkcs1_pem(EVP_PKEY* key) {
  const EncoderPtr encoder(OSSL_ENCODER_CTX_new_for_pkey(key, EVP_PKEY_PUBLIC_KEY, "PEM", "pkcs1", nullptr));
  unsigned char* text = nullptr;
  std::size_t length = 0;
  must(encoder && OSSL_ENCODER_to_data(encoder.get(), &text, &length) == 1, "encode the public key");
  std::string pem(reinterpret_cast<const char*>(text), length);
  OPENSSL_free(text);
  return pem;
}

template <typename Ptr>
Ptr number(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &value) == 1, name);
  return Ptr(value);
}

}  // namespace

struct PrivateKey::Impl {
  PkeyPtr key;
  std::string public_pem;
  // Nearly every block is told to be below the modulus by these alone. The rest is asked for when it is needed
  // (3 us) rather than kept, since a key waits in every idle leg.
  std::array<std::byte, 8> modulus_head;
  std::array<std::byte, SHA256_DIGEST_LENGTH> rejection_secret;

  explicit Impl(PkeyPtr made) : key(std::move(made)), public_pem(pkcs1_pem(key.get())) {
    const auto n = modulus();
    std::copy_n(n.begin(), modulus_head.size(), modulus_head.begin());

    const auto d = number<SecretBignumPtr>(key.get(), OSSL_PKEY_PARAM_RSA_D);
    std::array<std::byte, kMaxBlockBytes> exponent;
    const int length = EVP_PKEY_get_size(key.get());
    must(BN_bn2binpad(d.get(), raw_bytes(exponent), length) == length, "BN_bn2binpad");
    must(SHA256(raw_bytes(exponent), static_cast<std::size_t>(length), raw_bytes(rejection_secret)) != nullptr,
         "SHA256");
    OPENSSL_cleanse(exponent.data(), exponent.size());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { OPENSSL_cleanse(rejection_secret.data(), rejection_secret.size()); }

  // Big-endian.
  std::vector<std::byte> modulus() const {
    const auto n = number<BignumPtr>(key.get(), OSSL_PKEY_PARAM_RSA_N);
    std::vector<std::byte> bytes(static_cast<std::size_t>(BN_num_bytes(n.get())));
    BN_bn2bin(n.get(), raw_bytes(bytes));
    return bytes;
  }
};

PrivateKey::PrivateKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

PrivateKey PrivateKey::generate(unsigned bits) {
  if (bits < kMinKeyBits || bits > kMaxKeyBits) {
    throw std::invalid_argument("key size out of bounds");
  }
  PkeyPtr key(EVP_RSA_gen(bits));
  if (!key) {
    const char* const why = ERR_reason_error_string(ERR_get_error());  // none without memory for that
    throw std::runtime_error(std::string("cannot generate a key: ") + (why != nullptr ? why : "out of memory"));
  }
  return PrivateKey(std::make_unique<Impl>(std::move(key)));
}

unsigned PrivateKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(impl_->key.get())); }
std::size_t PrivateKey::block_bytes() const { return static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())); }
const std::string& PrivateKey::public_pem() const { return impl_->public_pem; }
EVP_PKEY* PrivateKey::evp() const { return impl_->key.get(); }
std::span<const std::byte, 32> PrivateKey::rejection_secret() const { return impl_->rejection_secret; }

std::error_code PrivateKey::check(std::span<const std::byte> block) const {
  if (block.size() != block_bytes()) {
    return Errc::bad_block;
  }
  int order = std::memcmp(block.data(), impl_->modulus_head.data(), impl_->modulus_head.size());
  if (order == 0) {
    order = std::memcmp(block.data(), impl_->modulus().data(), block.size());
  }
  return order < 0 ? std::error_code() : Errc::bad_block;
}

std::error_code PrivateKey::raw(std::span<const std::byte> block, std::span<std::byte> padded) const {
  if (const auto error = check(block)) {
    return error;
  }
  // A context of its own for each call: about 1 us of the operation's 200 and more at 2048 bits, for a key that several
  // threads use at once and that costs no more memory while it is idle.
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, impl_->key.get(), nullptr));
  std::size_t length = padded.size();
  must(ctx && EVP_PKEY_decrypt_init(ctx.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_NO_PADDING) == 1 &&
           EVP_PKEY_decrypt(ctx.get(), raw_bytes(padded), &length, reinterpret_cast<const unsigned char*>(block.data()),
                            block.size()) == 1 &&
           length == block.size(),
       "EVP_PKEY_decrypt");
  return {};
}

tl::expected<std::size_t, std::error_code> PrivateKey::open(std::span<const std::byte> block,
                                                            std::span<std::byte> message) const {
  std::array<std::byte, kMaxBlockBytes> buffer;
  const auto padded = std::span(buffer).first(block_bytes());
  if (const auto error = raw(block, padded)) {
    return tl::unexpected(error);
  }
  const std::size_t length = unpad(padded, block, rejection_secret(), message);
  OPENSSL_cleanse(padded.data(), padded.size());
  return length;
}

}  // namespace parley::classic
