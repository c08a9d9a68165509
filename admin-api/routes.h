#pragma once

#include "admin-api/http_message.h"
#include "service/view/view.h"

namespace parley {

// What the admin API answers, free of sockets. Thread-safe; references must outlive it.
class Routes {
 public:
  Routes(const AdminSettings& settings, const Registry& registry, const Health& health, Control& control);

  // `listener`: where the request came in, as it was configured.
  HttpResponse respond(const HttpRequest& request, const Endpoint& listener) const;

 private:
  HttpResponse healthz(const HttpRequest& request) const;
  HttpResponse readyz(const HttpRequest& request) const;
  HttpResponse metrics(const HttpRequest& request) const;
  HttpResponse status(const HttpRequest& request) const;
  HttpResponse sessions(const HttpRequest& request) const;
  HttpResponse session(std::string_view id) const;
  HttpResponse end_session(std::string_view id) const;
  HttpResponse lobby(const HttpRequest& request) const;

  HttpResponse find(const HttpRequest& request) const;

  const std::optional<std::string> token_;
  const Registry& registry_;
  const Health& health_;
  Control& control_;
};

}  // namespace parley
