#pragma once

#include <openssl/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "service/settings/settings.h"

namespace parley {

// How the admin endpoint's TCP listeners speak: TLS 1.3, or plainly. Thread-safe.
class AdminTls {
 public:
  // nullptr: plainly. Connections keep what they began with.
  using Context = std::shared_ptr<SSL_CTX>;

  // Reads the files that the settings name. Whoever holds the endpoint's own key is let in as a client too: that is how
  // `parleyd healthcheck` and `parleyd ctl` come. The error is one line: which file, why, how to mend it.
  static tl::expected<Context, std::string> read(const AdminSettings& settings);

  // From now on. Returns those of admin-cert and admin-client-ca whose contents are not those before.
  std::vector<std::string> use(Context context);
  Context now() const;

 private:
  mutable std::mutex mutex_;
  Context context_;  // guarded by mutex_
};

}  // namespace parley
