#include "admin-api/admin_server.h"

#include <chrono>
#include <utility>

#include "admin-api/authorization.h"
#include "service/log/log.h"

namespace parley {

namespace {

// For watchers to be told how it ended; one that does not read has no more. A part of the time that a relay has to end.
constexpr std::chrono::milliseconds kLastEvents{250};

void warn_of_refusing(const Endpoint& endpoint) {
  log_event(Level::warning, "admin listener refuses /api: not on loopback and without a token",
            {{"address", to_string(endpoint)}, {"remedy", "--admin-token-file"}});
}

}  // namespace

AdminServer::AdminServer(const AdminSettings& settings, const AdminTls& tls, const AdminToken& token,
                         const Registry& registry, const Health& health, Control& control, const HttpLimits& limits)
    : settings_(settings),
      tls_(tls),
      token_(token),
      limits_(limits),
      routes_(token, registry, health, control),
      events_(registry.events()) {}

AdminServer::~AdminServer() { stop(); }

void AdminServer::start(std::vector<ListenSocket> in_place) {
  std::vector<std::unique_ptr<HttpListener>> bound;
  const auto add = [&](ListenSocket socket) {
    bound.push_back(std::make_unique<HttpListener>(std::move(socket), limits_, &tls_));
  };
  for (ListenSocket& socket : in_place) add(std::move(socket));
  if (in_place.empty()) {
    for (const Endpoint& endpoint : settings_.listen) add(listen_on(endpoint));
  }
  listeners_ = std::move(bound);
  routes_.start();
  for (const auto& listener : listeners_) {
    const Endpoint endpoint = listener->bound();
    if (!token_.now() && !unix_path(endpoint) && !is_loopback(endpoint.address)) warn_of_refusing(endpoint);
    listener->serve([this, endpoint](const HttpRequest& request) { return routes_.respond(request, endpoint); });
  }
}

std::vector<Endpoint> AdminServer::listeners() const {
  std::vector<Endpoint> result;
  for (const auto& listener : listeners_) result.push_back(listener->bound());
  return result;
}

void AdminServer::stop() {
  events_.close(kLastEvents);
  routes_.stop();
  listeners_.clear();
}

}  // namespace parley
