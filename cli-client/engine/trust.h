#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley::client {

// SHA-256 of a relay's SubjectPublicKeyInfo in DER.
using Pin = std::array<std::byte, 32>;

// "sha256:" and 43 characters of base64url; the prefix may be left out when reading.
std::optional<Pin> parse_pin(std::string_view text);
std::string pin_text(const Pin& pin);

// What this side shows a relay that asks for it: PEM files, both or neither.
struct ClientCertificate {
  std::string certificate;  // with its chain
  std::string key;
};

// What makes a relay the right one: a pin if there is one, else the CAs of a file or folder, else those of the system.
class Trust {
 public:
  // `ca`: empty for the system's. The error says which file cannot be used, for the user to read.
  static tl::expected<Trust, std::string> make(std::string ca, std::optional<Pin> pin, ClientCertificate own = {});
  // The same, but for a relay that has this pin.
  tl::expected<Trust, std::string> with_pin(const Pin& pin) const { return make({}, pin, own_); }

  const std::optional<Pin>& pin() const { return pin_; }
  // Whether another machine would come to the same result without being told more.
  bool is_of_system() const { return !pin_ && ca_.empty(); }
  SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  tl::expected<void, std::string> load_own();

  std::string ca_;
  std::optional<Pin> pin_;
  ClientCertificate own_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace parley::client
