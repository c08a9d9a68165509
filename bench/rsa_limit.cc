// The limit: OpenSSL's own decryption with a 2048-bit key and encryption under a client's, PKCS #1 v1.5 padding, in a
// loop on one thread with contexts made once. What a relay without sockets, sessions or threads would cost.
//
// rsa_limit CLIENT_BITS: for each line "SECONDS" on standard input prints one line of JSON.

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "bench/process.h"

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free>;
using Block = std::array<unsigned char, 1024>;

constexpr std::size_t kRelayBits = 2048;
constexpr std::string_view kMessage = "the quick brown fox jumps over the lazy dog";

void check(int result) {
  if (result > 0) return;
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

Context start(const Key& key, int (*init)(EVP_PKEY_CTX*)) {
  Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  check(init(context.get()));
  check(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING));
  return context;
}

std::size_t seal(const Context& context, std::string_view message, Block& block) {
  std::size_t length = block.size();
  check(EVP_PKEY_encrypt(context.get(), block.data(), &length, reinterpret_cast<const unsigned char*>(message.data()),
                         message.size()));
  return length;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t client_bits = argc > 1 ? std::stoul(argv[1]) : 2048;
  const Key relay_key(EVP_RSA_gen(kRelayBits));
  const Key client_key(EVP_RSA_gen(client_bits));
  const Context open = start(relay_key, EVP_PKEY_decrypt_init);
  const Context seal_for_client = start(client_key, EVP_PKEY_encrypt_init);
  Block incoming{};
  const std::size_t incoming_length = seal(start(relay_key, EVP_PKEY_encrypt_init), kMessage, incoming);

  const parley::bench::CpuClock cpu(getpid());
  for (double seconds = 0; std::cin >> seconds;) {
    const auto begin = std::chrono::steady_clock::now();
    const auto cpu_begin = cpu.now();
    std::size_t messages = 0;
    for (; std::chrono::steady_clock::now() - begin < std::chrono::duration<double>(seconds); ++messages) {
      Block message{};
      std::size_t length = message.size();
      check(EVP_PKEY_decrypt(open.get(), message.data(), &length, incoming.data(), incoming_length));
      Block outgoing{};
      seal(seal_for_client, {reinterpret_cast<const char*>(message.data()), length}, outgoing);
    }
    const std::chrono::duration<double> cpu_used = cpu.now() - cpu_begin;
    std::printf("{\"messages\": %zu, \"cpu_s\": %.6f}\n", messages, cpu_used.count());
    std::fflush(stdout);
  }
}
