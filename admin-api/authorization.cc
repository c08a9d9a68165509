#include "admin-api/authorization.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace parley {

namespace {

constexpr std::string_view kScheme = "bearer";
constexpr std::size_t kMaxPortDigits = 5;

// The credentials of "Bearer TOKEN" (RFC 6750 section 2.1); empty when it is something else.
std::string_view bearer_token(std::string_view field) {
  if (field.size() <= kScheme.size() || !equal_ignoring_case(field.substr(0, kScheme.size()), kScheme)) return {};
  field.remove_prefix(kScheme.size());
  const std::size_t start = field.find_first_not_of(' ');
  if (start == 0 || start == std::string_view::npos) return {};
  return field.substr(start);
}

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest sha256(std::string_view text) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

// Over digests, so that not even the length of the token shows in the time it takes.
bool same_secret(std::string_view a, std::string_view b) {
  return CRYPTO_memcmp(sha256(a).data(), sha256(b).data(), SHA256_DIGEST_LENGTH) == 0;
}

}  // namespace

bool is_loopback(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

bool names_loopback(std::string_view host) {
  for (const std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (host.size() < name.size() || !equal_ignoring_case(host.substr(0, name.size()), name)) continue;
    std::string_view rest = host.substr(name.size());
    if (rest.empty()) return true;
    if (rest.front() != ':') return false;
    rest.remove_prefix(1);
    return rest.size() <= kMaxPortDigits &&
           std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
  return false;
}

bool same_origin(const std::vector<std::string>& origin, const std::vector<std::string>& host) {
  if (origin.empty()) return true;
  if (origin.size() != 1 || host.size() != 1) return false;
  std::string_view from = origin.front();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (from.starts_with(scheme)) return equal_ignoring_case(from.substr(scheme.size()), host.front());
  }
  return false;
}

Verdict authorize(const std::string* token, const Endpoint& listener, const std::vector<std::string>& authorization,
                  const std::vector<std::string>& host) {
  const bool by_path = unix_path(listener).has_value();
  if (token && !by_path) {
    if (authorization.size() != 1) return {Access::unauthorized, "send the admin token as Authorization: Bearer"};
    const std::string_view given = bearer_token(authorization.front());
    if (given.empty() || !same_secret(given, *token)) return {Access::unauthorized, "this is not the admin token"};
    return {};
  }
  if (!by_path && !is_loopback(listener.address)) {
    return {Access::forbidden,
            "this listener is not on loopback and no token is set; start parleyd with --admin-token-file"};
  }
  if (host.size() != 1 || !names_loopback(host.front())) {
    return {Access::forbidden, "where no token is asked for, Host must be localhost, 127.0.0.1 or [::1]"};
  }
  return {};
}

}  // namespace parley
