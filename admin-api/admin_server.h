#pragma once

#include <memory>
#include <vector>

#include "admin-api/http/http_listener.h"
#include "admin-api/routes.h"
#include "service/view/control.h"

namespace parley {

// The admin API on all of its listeners. References must outlive it.
class AdminServer {
 public:
  AdminServer(const AdminSettings& settings, const AdminTls& tls, const AdminToken& token, const Registry& registry,
              const Health& health, Control& control, const HttpLimits& limits = {});
  ~AdminServer();

  // Binds every listener, or uses those given in their place, then serves. Throws std::runtime_error when one cannot be
  // bound, with one line that names the address, the cause and the remedy; then none serves. Warns of a listener that
  // has to refuse /api.
  void start(std::vector<ListenSocket> in_place = {});
  // As really bound; empty when not started.
  std::vector<Endpoint> listeners() const;
  // Ends who watches, cuts every connection and waits for the threads.
  void stop();

 private:
  const AdminSettings settings_;
  const AdminTls& tls_;
  const AdminToken& token_;
  const HttpLimits limits_;
  Routes routes_;
  Events& events_;
  std::vector<std::unique_ptr<HttpListener>> listeners_;
};

}  // namespace parley
