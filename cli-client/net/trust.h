#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/openssl_ptr.h"
#include "base/pin.h"

namespace parley::client {

// What this side shows a relay that asks for it: PEM files, both or neither.
struct ClientCertificate {
  std::string certificate;  // with its chain
  std::string key;
};

// What makes a relay the right one: a pin if there is one, else the CAs of a file or folder, else those of the system;
// and when these do not vouch for it, what the user has decided before, if there is something remembered.
class Trust {
 public:
  // Which of these it was.
  enum class By { pin, given_authorities, system_authorities, remembered };

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
  // Where the pin is set, for the user, when that is not in what they have just given: "PARLEY_PIN". Empty otherwise.
  const std::string& pin_origin() const { return pin_origin_; }
  void set_pin_origin(std::string origin) { pin_origin_ = std::move(origin); }
  const std::optional<Remembered>& remembered() const { return remembered_; }
  void remember(std::optional<Remembered> remembered) { remembered_ = std::move(remembered); }
  // Whose certificates vouch for relays.
  By authorities() const { return ca_.empty() ? By::system_authorities : By::given_authorities; }
  // False: nobody is asked, as the system has no list of them.
  bool finds_authorities() const { return finds_authorities_; }
  SSL_CTX* context() const { return context_.get(); }

 private:
  tl::expected<void, std::string> load_own();

  std::string ca_;
  bool finds_authorities_ = true;
  std::optional<Pin> pin_;
  std::string pin_origin_;
  ClientCertificate own_;
  std::optional<Remembered> remembered_;
  SslCtxPtr context_;
};

}  // namespace parley::client
