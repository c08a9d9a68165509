#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "base/openssl_ptr.h"
#include "service/settings/settings.h"

namespace httplib {
class ClientImpl;
}

namespace parley {

struct AdminAnswer {
  int status = 0;
  std::string body;
};

// Asks the admin endpoint of a relay that runs, over TCP or a Unix socket, one thing after the other.
class AdminClient {
 public:
  // Asks the first of the listeners, which must be one. With a certificate, and over TCP, by TLS: the relay must hold
  // that certificate, whatever its names and dates, and is shown it in turn. `within`: for each step of a call.
  AdminClient(const AdminSettings& relay, std::chrono::seconds within);
  ~AdminClient();

  // `json`: what goes with it, empty: nothing. The error is "<where>: <why>".
  tl::expected<AdminAnswer, std::string> call(const std::string& method, const std::string& path,
                                              const std::string& json = {});

  const std::string& where() const { return where_; }

 private:
  std::string where_;
  std::string certificate_;  // empty: no TLS
  X509Ptr known_;            // that one; nullptr: it cannot be read
  std::chrono::seconds within_;
  std::optional<std::string> token_;
  std::unique_ptr<httplib::ClientImpl> client_;
};

}  // namespace parley
