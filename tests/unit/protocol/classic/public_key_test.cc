#include "protocol/classic/public_key.h"

#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/openssl_ptr.h"
#include "protocol/classic/errc.h"
#include "protocol/classic/private_key.h"
#include "tests/unit/protocol/classic/bytes.h"

namespace parley::classic {
namespace {

using Der = std::vector<unsigned char>;

Der integer(const BIGNUM* value) {
  std::unique_ptr<ASN1_INTEGER, OpensslFree<ASN1_INTEGER_free>> number(BN_to_ASN1_INTEGER(value, nullptr));
  Der der(static_cast<std::size_t>(i2d_ASN1_INTEGER(number.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_ASN1_INTEGER(number.get(), &at);
  return der;
}

Der sequence(const Der& first, const Der& second) {
  Der der{0x30, 0x82, static_cast<unsigned char>((first.size() + second.size()) >> 8),
          static_cast<unsigned char>(first.size() + second.size())};
  // DER wants the shortest form of the length.
  if (der[2] == 0) {
    der.erase(der.begin() + 2);
    der[1] = 0x81;
    if (der[2] < 0x80) {
      der.erase(der.begin() + 1);
    }
  }
  der.insert(der.end(), first.begin(), first.end());
  der.insert(der.end(), second.begin(), second.end());
  return der;
}

std::string armour(const Der& der, const char* label = "RSA PUBLIC KEY") {
  BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio(out.get(), label, "", der.data(), static_cast<long>(der.size()));
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

// A number of exactly `bits` bits; its low bit as asked.
BignumPtr modulus(int bits, bool odd = true) {
  BignumPtr n(BN_new());
  BN_set_bit(n.get(), bits - 1);
  BN_set_bit(n.get(), bits / 2);
  if (odd) {
    BN_set_bit(n.get(), 0);
  }
  return n;
}

Der key_der(const BignumPtr& n, BN_ULONG e = 65537) {
  BignumPtr exponent(BN_new());
  BN_set_word(exponent.get(), e);
  return sequence(integer(n.get()), integer(exponent.get()));
}

std::error_code refusal(std::string_view pem, unsigned min_bits = kMinKeyBits) {
  const auto key = PublicKey::from_pem(pem, min_bits);
  return key ? std::error_code() : key.error();
}

TEST(PublicKey, BoundsOfTheModulus) {
  EXPECT_EQ(refusal(armour(key_der(modulus(511)))), Errc::key_out_of_bounds);
  EXPECT_EQ(refusal(armour(key_der(modulus(512)))), std::error_code());
  EXPECT_EQ(refusal(armour(key_der(modulus(8192)))), std::error_code());
  EXPECT_EQ(refusal(armour(key_der(modulus(8193)))), Errc::key_out_of_bounds);
  EXPECT_EQ(refusal(armour(key_der(modulus(2048, false)))), Errc::key_out_of_bounds);
  EXPECT_EQ(refusal(armour(key_der(BignumPtr(BN_new())))), Errc::key_out_of_bounds);
}

TEST(PublicKey, BoundsOfTheExponent) {
  const auto n = modulus(2048);
  for (const BN_ULONG e : {0UL, 1UL, 2UL, 4UL, 65536UL, 0xfffffffeUL, 0x100000001UL, ~0UL}) {
    EXPECT_EQ(refusal(armour(key_der(n, e))), Errc::key_out_of_bounds) << e;
  }
  for (const BN_ULONG e : {3UL, 17UL, 65537UL, 0xffffffffUL}) {
    EXPECT_EQ(refusal(armour(key_der(n, e))), std::error_code()) << e;
  }
  EXPECT_EQ(refusal(armour(sequence(integer(n.get()), integer(n.get())))), Errc::key_out_of_bounds);
}

TEST(PublicKey, SealingTimeGrowsWithTheModulusSquaredAndTheExponent) {
  const auto time = [](int bits, BN_ULONG e) {
    return PublicKey::from_pem(armour(key_der(modulus(bits), e)))->sealing_time().count();
  };
  EXPECT_EQ(time(2048, 65537), 32 * 32 * 18);
  EXPECT_EQ(time(8192, 65537), 16 * time(2048, 65537));
  EXPECT_EQ(time(2048, 0xffffffff), 32 * 32 * (31 + 32));
  EXPECT_EQ(time(2048, 3), 32 * 32 * 3);
}

TEST(PublicKey, TheLeastSizeCanBeRaisedButNotLowered) {
  EXPECT_EQ(refusal(armour(key_der(modulus(1023))), 1024), Errc::key_out_of_bounds);
  EXPECT_EQ(refusal(armour(key_der(modulus(1024))), 1024), std::error_code());
  EXPECT_EQ(refusal(armour(key_der(modulus(511))), 256), Errc::key_out_of_bounds);
}

TEST(PublicKey, RefusesWhatIsNotExactlyDer) {
  const auto good = key_der(modulus(2048));
  ASSERT_EQ(refusal(armour(good)), std::error_code());

  auto trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(refusal(armour(trailing)), Errc::not_a_key);

  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(refusal(armour(Der(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)))), Errc::not_a_key);
  }

  // Without its leading zero the modulus is a negative number.
  const BignumPtr three(BN_new());
  BN_set_word(three.get(), 3);
  Der negative{0x02, 64};
  negative.insert(negative.end(), 64, 0xff);
  EXPECT_EQ(refusal(armour(sequence(negative, integer(three.get())))), Errc::not_a_key);

  // A length in a longer form than it needs: BER, not DER.
  const Der long_length{0x02, 0x81, 0x01, 0x03};
  EXPECT_EQ(refusal(armour(sequence(integer(modulus(512).get()), long_length))), Errc::not_a_key);
}

TEST(PublicKey, RefusesOtherLabels) {
  const auto der = key_der(modulus(1024));
  for (const char* label : {"PUBLIC KEY", "RSA PRIVATE KEY", "PRIVATE KEY", "CERTIFICATE", "rsa public key", ""}) {
    EXPECT_EQ(refusal(armour(der, label)), Errc::not_a_key) << label;
  }
}

TEST(PublicKey, RefusesAPrivateKeyUnderThePublicLabel) {
  const auto key = PrivateKey::generate(512);
  unsigned char* der = nullptr;
  const int length = i2d_PrivateKey(key.evp(), &der);
  ASSERT_GT(length, 0);
  EXPECT_EQ(refusal(armour(Der(der, der + length))), Errc::not_a_key);
  OPENSSL_free(der);
}

std::string replaced(std::string in, std::string_view what, std::string_view with) {
  for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + with.size())) {
    in.replace(at, what.size(), with);
  }
  return in;
}

TEST(PublicKey, TakesAnyLineLengthAndLineEnd) {
  const std::string pem = armour(key_der(modulus(2048)));
  const std::string body = pem.substr(31, pem.size() - 31 - 29);
  const std::string one_line =
      "-----BEGIN RSA PUBLIC KEY-----\n" + replaced(body, "\n", "") + "\n-----END RSA PUBLIC KEY-----";
  EXPECT_EQ(refusal(replaced(pem, "\n", "\r\n")), std::error_code());
  EXPECT_EQ(refusal("\r\n " + pem + " \n"), std::error_code());
  EXPECT_EQ(refusal(pem.substr(0, pem.size() - 1)), std::error_code());
  EXPECT_EQ(refusal(one_line), std::error_code());
  for (std::size_t width = 1; width < 80; ++width) {
    std::string lines = one_line;
    for (std::size_t at = 31 + width; at < lines.find("\n-----END"); at += width + 1) {
      lines.insert(at, "\n");
    }
    EXPECT_EQ(refusal(lines), std::error_code()) << width;
  }
}

TEST(PublicKey, RefusesWhatIsNotStrictlyPem) {
  const std::string pem = armour(key_der(modulus(512)));
  const std::string begin = "-----BEGIN RSA PUBLIC KEY-----";
  const std::string end = "-----END RSA PUBLIC KEY-----";
  const auto after_begin = [&](std::string_view more) {
    return replaced(pem, begin + "\n", std::string(begin).append(more));
  };
  const auto before_end = [&](std::string_view more) {
    return replaced(pem, "\n" + end, std::string(more).append(end));
  };
  const std::vector<std::string> texts{"",
                                       " ",
                                       begin,
                                       begin + end,
                                       begin + "\n" + end,
                                       "Subject: key\n" + pem,
                                       pem + "more",
                                       pem + pem,
                                       after_begin(""),
                                       after_begin("\nProc-Type: 4,ENCRYPTED\n\n"),
                                       after_begin("\n-"),
                                       after_begin("\n!"),
                                       after_begin({"\n\0", 2}),
                                       before_end(""),
                                       before_end("-\n"),
                                       before_end("AAAA\n")};
  for (const std::string& text : texts) {
    EXPECT_EQ(refusal(text), Errc::not_a_key) << text;
  }
}

class SealAndOpen : public testing::TestWithParam<unsigned> {};

TEST_P(SealAndOpen, EveryLengthComesBack) {
  const auto own = PrivateKey::generate(GetParam());
  const auto peer = PublicKey::from_pem(own.public_pem());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->bits(), GetParam());
  EXPECT_EQ(peer->block_bytes(), GetParam() / 8);
  EXPECT_EQ(peer->max_message_bytes(), GetParam() / 8 - 11);
  Bytes block(peer->block_bytes());
  Bytes opened(own.block_bytes());
  for (std::size_t length = 0; length <= peer->max_message_bytes(); ++length) {
    Bytes message(length);
    std::generate(message.begin(), message.end(), [next = length]() mutable { return std::byte(next++); });
    ASSERT_EQ(peer->seal(message, block), std::error_code());
    const auto got = own.open(block, opened);
    ASSERT_TRUE(got);
    ASSERT_EQ(Bytes(opened.begin(), opened.begin() + static_cast<std::ptrdiff_t>(*got)), message);
  }
  EXPECT_EQ(peer->seal(Bytes(peer->max_message_bytes() + 1), block), Errc::message_too_long);
}

// Whatever it is: every block opens, and they add up to it.
TEST_P(SealAndOpen, AMessageOfAnyLengthIsSealedBlockByBlock) {
  const auto own = PrivateKey::generate(GetParam());
  const auto peer = PublicKey::from_pem(own.public_pem());
  const std::size_t most = peer->max_message_bytes();
  const std::size_t k = peer->block_bytes();
  Bytes opened(k);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, most - 1, most, most + 1, 2 * most, 2 * most + 1, std::size_t{1000}}) {
    for (const std::string_view letter : {"a", "ä", "\xff"}) {
      std::string sent;
      while (sent.size() < length) sent += letter;
      auto rest = view(sent);
      std::string came;
      do {
        Bytes block(k, std::byte{'?'});
        const std::size_t taken = peer->seal_front(rest, block);
        ASSERT_LE(taken, most);
        ASSERT_TRUE(taken > 0 || rest.empty());
        const auto got = own.open(block, opened);
        ASSERT_TRUE(got);
        ASSERT_EQ(*got, taken);
        came += text(std::span(opened).first(*got));
        rest = rest.subspan(taken);
      } while (!rest.empty());
      ASSERT_EQ(came, sent);
    }
  }
}

TEST_P(SealAndOpen, ThePaddingIsRandomAndWithoutZeros) {
  const auto own = PrivateKey::generate(GetParam());
  const auto peer = PublicKey::from_pem(own.public_pem());
  const std::size_t k = peer->block_bytes();
  Bytes block(k);
  Bytes padded(k);
  std::array<int, 256> seen{};
  for (int round = 0; round < 200; ++round) {
    const std::size_t length = static_cast<std::size_t>(round) % (peer->max_message_bytes() + 1);
    ASSERT_EQ(peer->seal(Bytes(length, std::byte{'m'}), block), std::error_code());
    ASSERT_EQ(own.raw(block, padded), std::error_code());
    ASSERT_EQ(padded[0], std::byte{0});
    ASSERT_EQ(padded[1], std::byte{2});
    const std::size_t separator = k - length - 1;
    ASSERT_EQ(padded[separator], std::byte{0});
    for (std::size_t i = 2; i < separator; ++i) {
      ++seen[std::to_integer<std::size_t>(padded[i])];
    }
  }
  EXPECT_EQ(seen[0], 0);
  EXPECT_EQ(std::count(seen.begin() + 1, seen.end(), 0), 0);
}

TEST_P(SealAndOpen, OpensslOpensIt) {
  const auto own = PrivateKey::generate(GetParam());
  const auto peer = PublicKey::from_pem(own.public_pem());
  Bytes block(peer->block_bytes());
  ASSERT_EQ(peer->seal(view("Grüße"), block), std::error_code());
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, own.evp(), nullptr));
  ASSERT_EQ(EVP_PKEY_decrypt_init(ctx.get()), 1);
  Bytes opened(block.size());
  std::size_t length = opened.size();
  ASSERT_EQ(EVP_PKEY_decrypt(ctx.get(), reinterpret_cast<unsigned char*>(opened.data()), &length,
                             reinterpret_cast<const unsigned char*>(block.data()), block.size()),
            1);
  EXPECT_EQ(text(std::span(opened).first(length)), "Grüße");
}

INSTANTIATE_TEST_SUITE_P(PublicKey, SealAndOpen, testing::Values(512U, 2048U), testing::PrintToStringParamName());

TEST(PublicKey, AModulusThatDoesNotFillItsFirstByte) {
  const auto own = PrivateKey::generate(1030);
  const auto peer = PublicKey::from_pem(own.public_pem());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->block_bytes(), 129U);
  Bytes block(peer->block_bytes());
  Bytes opened(own.block_bytes());
  ASSERT_EQ(peer->seal(view("message"), block), std::error_code());
  ASSERT_EQ(own.open(block, opened).value(), 7U);
  EXPECT_EQ(text(std::span(opened).first(7)), "message");
}

}  // namespace
}  // namespace parley::classic
