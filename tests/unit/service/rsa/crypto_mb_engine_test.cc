#include "service/rsa/crypto_mb_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>

#include "tests/unit/service/rsa/blocks.h"

namespace parley::rsa {
namespace {

// A library that does with OpenSSL's numbers what crypto_mb does with AVX-512, so that all but crypto_mb itself is
// tested on any machine.
class EmulatedLibrary {
 public:
  static CryptoMbLibrary make(std::uint32_t status = 0) {
    calls = 0;
    answer = status;
    CryptoMbLibrary library;
    library.private_crt = &private_crt;
    library.method_of = [](int bits) { return reinterpret_cast<const CryptoMbLibrary::Method*>(method_for(bits)); };
    library.work_bytes = [](const CryptoMbLibrary::Method*) { return 100; };
    library.version = "0.0.0";
    return library;
  }

  static inline int calls = 0;

 private:
  static inline std::uint32_t answer = 0;
  static inline const std::array<char, 5> kMethods{};
  static const char* method_for(int bits) { return &kMethods[static_cast<std::size_t>(bits) / 1024]; }

  using Number = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;
  static Number words(const std::uint64_t* number, int bits) {
    return {BN_lebin2bn(reinterpret_cast<const unsigned char*>(number), bits / 8, nullptr), &BN_clear_free};
  }
  static Number none() { return {BN_new(), &BN_clear_free}; }

  // RFC 8017 5.1.2, 2b.
  static std::uint32_t private_crt(const std::uint8_t* const from[], std::uint8_t* const to[],
                                   const std::uint64_t* const p_words[], const std::uint64_t* const q_words[],
                                   const std::uint64_t* const dp_words[], const std::uint64_t* const dq_words[],
                                   const std::uint64_t* const iq_words[], int bits,
                                   const CryptoMbLibrary::Method* method, std::uint8_t* work) {
    ++calls;
    EXPECT_EQ(reinterpret_cast<const char*>(method), method_for(bits));
    std::fill_n(work, 100, std::uint8_t{0xff});
    if (answer != 0) return answer;
    const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_new(), &BN_CTX_free);
    for (std::size_t lane = 0; lane < CryptoMbLibrary::kLanes; ++lane) {
      const auto p = words(p_words[lane], bits / 2);
      const auto q = words(q_words[lane], bits / 2);
      const auto dp = words(dp_words[lane], bits / 2);
      const auto dq = words(dq_words[lane], bits / 2);
      const auto iq = words(iq_words[lane], bits / 2);
      const Number block(BN_bin2bn(from[lane], bits / 8, nullptr), &BN_clear_free);
      const auto m1 = none();
      const auto m2 = none();
      const auto h = none();
      BN_mod_exp(m1.get(), block.get(), dp.get(), p.get(), context.get());
      BN_mod_exp(m2.get(), block.get(), dq.get(), q.get(), context.get());
      BN_mod_sub(h.get(), m1.get(), m2.get(), p.get(), context.get());
      BN_mod_mul(h.get(), h.get(), iq.get(), p.get(), context.get());
      BN_mul(h.get(), h.get(), q.get(), context.get());
      BN_add(h.get(), h.get(), m2.get());
      BN_bn2binpad(h.get(), to[lane], bits / 8);
    }
    return 0;
  }
};

enum class Library { emulated, found };

class CryptoMbEngine : public testing::TestWithParam<Library> {
 protected:
  void SetUp() override {
    engine_ = GetParam() == Library::emulated ? make_crypto_mb_engine(EmulatedLibrary::make(), "emulated")
                                              : make_engine("auto");
    ASSERT_EQ(engine_->name(), "crypto_mb");
  }

  // Any key's n-th block from the front of its cases.
  std::vector<Block> mixed(const std::vector<std::size_t>& keys) {
    for (const std::size_t k : keys) {
      if (cases_.size() <= k) cases_.resize(k + 1);
      if (cases_[k].empty()) cases_[k] = cases_for(key(k));
    }
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& of_key = cases_[keys[i]];
      blocks.push_back({&key(keys[i]), &of_key[(i * 5) % of_key.size()]});
    }
    return blocks;
  }

  void expect_same(const std::vector<Block>& blocks) {
    EXPECT_EQ(open_all(*engine_, blocks), open_all(*openssl_, blocks));
  }

  std::unique_ptr<Engine> engine_;
  const std::unique_ptr<Engine> openssl_ = make_openssl_engine();
  std::vector<std::vector<Case>> cases_ = std::vector<std::vector<Case>>(8);
};

TEST_P(CryptoMbEngine, GivesTheSameAnswersForEveryKindOfBlock) {
  for (const std::size_t k : {std::size_t{0}, kKeys2048}) {
    const auto cases = cases_for(key(k));
    // Each kind in each lane of full batches, and then all kinds in a row.
    std::vector<Block> blocks;
    for (const Case& c : cases) {
      SCOPED_TRACE(c.name);
      expect_same(std::vector<Block>(8, {&key(k), &c}));
      blocks.push_back({&key(k), &c});
    }
    expect_same(blocks);
  }
}

TEST_P(CryptoMbEngine, GivesTheSameAnswersForEveryBatchSize) {
  for (std::size_t size = 1; size <= engine_->batch(); ++size) {
    SCOPED_TRACE(size);
    std::vector<std::size_t> keys;
    keys.reserve(size);
    for (std::size_t i = 0; i < size; ++i) keys.push_back(i % kKeys2048);
    expect_same(mixed(keys));
  }
}

TEST_P(CryptoMbEngine, GivesTheSameAnswersForMixedKeySizes) {
  expect_same(mixed({0, 4, 1, 5, 2, 4, 3, 5}));
  expect_same(mixed({0, 4, 1, 2, 3, 0, 1, 2}));
  expect_same(mixed({4, 5, 4, 0, 5, 4, 5, 1}));
}

TEST_P(CryptoMbEngine, LeavesOtherKeySizesToOpenssl) {
  const auto small = classic::PrivateKey::generate(1024);
  const auto cases = cases_for(small);
  std::vector<Block> blocks = mixed({0, 1, 2, 3});
  for (std::size_t i = 0; i < 4; ++i) blocks.push_back({&small, &cases[i]});
  expect_same(blocks);
}

TEST_P(CryptoMbEngine, SaysWhatItIs) {
  EXPECT_EQ(engine_->batch(), 8U);
  EXPECT_NE(engine_->detail().find("crypto_mb "), std::string::npos) << engine_->detail();
  EXPECT_NE(engine_->detail().find("OpenSSL 3"), std::string::npos) << engine_->detail();
}

// The real one where this machine has it, as the relay itself would find it.
std::vector<Library> libraries() {
  std::vector<Library> all{Library::emulated};
  if (make_engine("auto")->name() == "crypto_mb") all.push_back(Library::found);
  return all;
}
INSTANTIATE_TEST_SUITE_P(, CryptoMbEngine, testing::ValuesIn(libraries()), [](const auto& instance) {
  return std::string(instance.param == Library::emulated ? "Emulated" : "Found");
});

TEST(CryptoMbLibrary, IsHere) {
  const auto engine = make_engine("auto");
  if (engine->name() != "crypto_mb") {
    GTEST_SKIP() << "the real library was not tested, an emulation was: " << engine->detail();
  }
}

// How many of the library's calls these blocks lead to.
int calls_for(const std::vector<std::size_t>& keys) {
  const auto engine = make_crypto_mb_engine(EmulatedLibrary::make(), "emulated");
  std::vector<Case> cases;
  cases.reserve(keys.size());
  for (const std::size_t k : keys) cases.push_back({"", encrypt_raw(key(k), padded(key(k).block_bytes(), "x"))});
  std::vector<Block> blocks;
  blocks.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) blocks.push_back({&key(keys[i]), &cases[i]});
  for (const Opened& opened : open_all(*engine, blocks)) EXPECT_EQ(opened.message, "x");
  return EmulatedLibrary::calls;
}

TEST(CryptoMbCalls, AreMadeWhenThereAreEnoughOfOneSize) {
  EXPECT_EQ(calls_for({0}), 0);
  EXPECT_EQ(calls_for({0, 1}), 0);
  EXPECT_EQ(calls_for({0, 1, 2}), 1);
  EXPECT_EQ(calls_for({0, 1, 2, 3, 0, 1, 2, 3}), 1);
  EXPECT_EQ(calls_for({0, 1, 4, 5}), 0);
  EXPECT_EQ(calls_for({0, 4, 1, 5, 2}), 1);
  EXPECT_EQ(calls_for({0, 4, 1, 5, 2, 4}), 2);
}

TEST(CryptoMbCalls, ThatFailAreDoneByOpenssl) {
  const auto engine = make_crypto_mb_engine(EmulatedLibrary::make(0x11111111), "refusing");
  const auto cases = cases_for(key(0));
  std::vector<Block> blocks;
  blocks.reserve(cases.size());
  for (const Case& c : cases) blocks.push_back({&key(0), &c});
  EXPECT_EQ(open_all(*engine, blocks), open_all(*make_openssl_engine(), blocks));
  EXPECT_GT(EmulatedLibrary::calls, 0);
}

}  // namespace
}  // namespace parley::rsa
