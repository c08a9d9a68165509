#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace parley::rsa {

// What is used of Intel's crypto_mb (Intel Cryptography Primitives Library, "multi-buffer" part), declared from its
// documented C interface so that building needs nothing of it. Interface version 11: the library's soname.
// Each array has one pointer a lane; numbers are little-endian 64-bit words, blocks big-endian bytes.
struct CryptoMbLibrary {
  static constexpr const char* kFileName = "libcrypto_mb.so.11";
  static constexpr int kLanes = 8;

  struct Method;  // opaque: how one key size is done

  // p, q, dp, dq, iq: half a modulus long each. 0 when all lanes are done, else four bits a lane say why not.
  using PrivateCrt = std::uint32_t (*)(const std::uint8_t* const from[kLanes], std::uint8_t* const to[kLanes],
                                       const std::uint64_t* const p[kLanes], const std::uint64_t* const q[kLanes],
                                       const std::uint64_t* const dp[kLanes], const std::uint64_t* const dq[kLanes],
                                       const std::uint64_t* const iq[kLanes], int bits, const Method* method,
                                       std::uint8_t* work);
  using MethodOf = const Method* (*)(int bits);     // nullptr: not a size that it can do
  using WorkBytes = int (*)(const Method* method);  // what `work` must have

  PrivateCrt private_crt = nullptr;
  MethodOf method_of = nullptr;
  WorkBytes work_bytes = nullptr;
  std::string version;  // "1.0.14"

  // `file` as dlopen() takes it: a path, or a bare name for the loader to look for. It stays loaded for ever.
  // Errors: one line saying why it cannot be used here, this CPU included.
  static tl::expected<CryptoMbLibrary, std::string> load(const std::string& file);
};

}  // namespace parley::rsa
