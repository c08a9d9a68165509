#include "service/rsa/crypto_mb_engine.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/classic/padding.h"

namespace parley::rsa {

namespace {

constexpr std::size_t kLanes = CryptoMbLibrary::kLanes;
constexpr unsigned kMaxBits = 4096;
constexpr std::array<unsigned, 3> kSizes{2048, 3072, kMaxBits};

// From how many openings of one key size on eight at a time is cheaper than one by one: a call costs the same
// whether one lane is in use or eight. Measured on an AMD EPYC with AVX-512 IFMA (Zen 5), OpenSSL 3.0, crypto_mb
// 1.0.14, CPU time in microseconds:
//              OpenSSL, one   crypto_mb, one call   break-even   crypto_mb, one of eight
//   2048 bits       235               540               2.3               67
//   3072 bits      1500              2250               1.5              281
//   4096 bits      3285              4610               1.4              576
// OpenSSL 3.1 and later use AVX-512 IFMA for 3072 and 4096 bits too, hence one figure for all sizes.
constexpr std::size_t kWorthwhile = 3;

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// What the library needs of one key. Taken out of the key for each operation: 2 us at 2048 bits, where a copy kept
// beside each key would cost 900 bytes of secrets for connections that are mostly idle.
struct KeyNumbers {
  using Half = std::array<std::uint64_t, kMaxBits / 2 / 8 / kWordBytes>;
  Half p, q, dp, dq, iq;

  // False when the key does not have them in that length; no key that PrivateKey makes.
  bool take_from(const classic::PrivateKey& key) {
    const std::size_t half = key.block_bytes() / 2;
    const auto number = [half](const char* name, Half& words) {
      return OSSL_PARAM_construct_BN(name, reinterpret_cast<unsigned char*>(words.data()), half);
    };
    // Numbers come in native byte order, padded with zeros: on x86-64 these are the library's words.
    std::array<OSSL_PARAM, 6> wanted{
        number(OSSL_PKEY_PARAM_RSA_FACTOR1, p),       number(OSSL_PKEY_PARAM_RSA_FACTOR2, q),
        number(OSSL_PKEY_PARAM_RSA_EXPONENT1, dp),    number(OSSL_PKEY_PARAM_RSA_EXPONENT2, dq),
        number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, iq), OSSL_PARAM_construct_end()};
    return EVP_PKEY_get_params(key.evp(), wanted.data()) == 1;
  }
};

// One call's input and output, wiped afterwards.
struct Lanes {
  std::array<KeyNumbers, kLanes> keys;
  std::array<std::array<std::uint8_t, kMaxBits / 8>, kLanes> padded;
  std::array<Opening*, kLanes> openings{};
  std::size_t used = 0;

  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes() {
    OPENSSL_cleanse(keys.data(), used * sizeof keys[0]);
    OPENSSL_cleanse(padded.data(), used * sizeof padded[0]);
  }
};

// crypto_mb's code is constant-time by design, table look-ups included, and so needs no blinding.
//
// Nothing checks that a result is right (OpenSSL does, against Lenstra's attack: one faulty CRT half gives the key
// away to whoever sees the result). It would cost 3 us an operation. Here nobody sees a raw result: one faulty half
// makes the padding wrong, and then implicit rejection replaces all of it; in the one of 65,536 cases where it
// still looks right, the padding string is cut off, and the attack needs every byte.
class CryptoMbEngine final : public Engine {
 public:
  CryptoMbEngine(CryptoMbLibrary library, std::string origin)
      : library_(std::move(library)), origin_(std::move(origin)), openssl_(make_openssl_engine()) {}

  std::string_view name() const override { return "crypto_mb"; }
  std::string detail() const override {
    return "crypto_mb " + library_.version + " (" + origin_ + "), " + openssl_->detail();
  }
  std::size_t batch() const override { return kLanes; }

  // Lanes of one call must have keys of one size.
  void open(std::span<Opening* const> openings) const override {
    std::array<Opening*, kLanes> rest{};
    std::copy(openings.begin(), openings.end(), rest.begin());
    auto end = rest.begin() + static_cast<std::ptrdiff_t>(openings.size());
    for (const unsigned bits : kSizes) {
      const auto others = std::partition(rest.begin(), end, [=](auto* o) { return o->key->bits() != bits; });
      const std::span<Opening* const> same(others, end);
      if (same.size() >= kWorthwhile && open_together(bits, same)) end = others;
    }
    openssl_->open(std::span<Opening* const>(rest.begin(), end));
  }

 private:
  // False when the library would not; then nothing has been done.
  bool open_together(unsigned bits, std::span<Opening* const> openings) const {
    const CryptoMbLibrary::Method* method = library_.method_of(static_cast<int>(bits));
    if (method == nullptr) return false;
    Lanes lanes;
    for (Opening* opening : openings) {
      opening->in_range = !opening->key->check(opening->block);
      opening->message_bytes = 0;
      if (!opening->in_range) continue;
      if (!lanes.keys[lanes.used].take_from(*opening->key)) return false;
      lanes.openings[lanes.used++] = opening;
    }
    if (lanes.used == 0) return true;
    if (!run(bits, method, lanes)) return false;
    for (std::size_t i = 0; i < lanes.used; ++i) {
      Opening& opening = *lanes.openings[i];
      const auto padded = std::as_bytes(std::span(lanes.padded[i])).first(opening.block.size());
      opening.message_bytes = classic::unpad(padded, opening.block, opening.key->rejection_secret(), opening.message);
    }
    return true;
  }

  bool run(unsigned bits, const CryptoMbLibrary::Method* method, Lanes& lanes) const {
    // Kept by each worker: 55 KB at 2048 bits, 109 KB at 4096.
    thread_local std::vector<std::uint8_t> work;
    const auto work_bytes = static_cast<std::size_t>(library_.work_bytes(method));
    if (work.size() < work_bytes) work.resize(work_bytes);

    std::array<const std::uint8_t*, kLanes> from;
    std::array<std::uint8_t*, kLanes> to;
    std::array<const std::uint64_t*, kLanes> p, q, dp, dq, iq;
    std::array<std::uint8_t, kMaxBits / 8> nowhere;
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool used = i < lanes.used;  // the others repeat the first
      const std::size_t lane = used ? i : 0;
      from[i] = reinterpret_cast<const std::uint8_t*>(lanes.openings[lane]->block.data());
      to[i] = used ? lanes.padded[i].data() : nowhere.data();
      p[i] = lanes.keys[lane].p.data();
      q[i] = lanes.keys[lane].q.data();
      dp[i] = lanes.keys[lane].dp.data();
      dq[i] = lanes.keys[lane].dq.data();
      iq[i] = lanes.keys[lane].iq.data();
    }
    const std::uint32_t status = library_.private_crt(from.data(), to.data(), p.data(), q.data(), dp.data(), dq.data(),
                                                      iq.data(), static_cast<int>(bits), method, work.data());
    OPENSSL_cleanse(work.data(), work_bytes);
    if (lanes.used < kLanes) OPENSSL_cleanse(nowhere.data(), nowhere.size());
    return status == 0;
  }

  const CryptoMbLibrary library_;
  const std::string origin_;
  const std::unique_ptr<Engine> openssl_;
};

}  // namespace

std::unique_ptr<Engine> make_crypto_mb_engine(CryptoMbLibrary library, std::string origin) {
  return std::make_unique<CryptoMbEngine>(std::move(library), std::move(origin));
}

}  // namespace parley::rsa
