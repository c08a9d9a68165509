#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

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

// What makes a relay the right one: a pin if there is one, else the CAs of a file or folder, else those of the system;
// and when these do not vouch for it, what the user has decided before.
class Trust {
 public:
  struct Remembered {
    Pin pin;
    std::string path;  // where it is, for the user; safe to show
    unsigned line;
  };

  // `ca`: empty for the system's. The error says which file cannot be used, for the user to read.
  static tl::expected<Trust, std::string> make(std::string ca, std::optional<Pin> pin, ClientCertificate own = {});
  // The same, but for a relay that has this pin.
  tl::expected<Trust, std::string> with_pin(const Pin& pin) const { return make({}, pin, own_); }

  const std::optional<Pin>& pin() const { return pin_; }
  const std::optional<Remembered>& remembered() const { return remembered_; }
  void remember(std::optional<Remembered> remembered) { remembered_ = std::move(remembered); }
  // Whether another machine would come to the same result without being told more.
  bool is_of_system() const { return !pin_ && !remembered_ && ca_.empty(); }
  SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  tl::expected<void, std::string> load_own();

  std::string ca_;
  std::optional<Pin> pin_;
  ClientCertificate own_;
  std::optional<Remembered> remembered_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace parley::client
