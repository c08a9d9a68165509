#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin-api/admin_token.h"
#include "admin-api/history.h"
#include "admin-api/http/http_message.h"
#include "service/view/control.h"
#include "service/view/view.h"

namespace parley {

// What the admin API answers, free of sockets. Thread-safe; references must outlive it.
class Routes {
 public:
  Routes(const AdminToken& token, const Registry& registry, const Health& health, Control& control);

  // Begins to keep what /api/v1/history shows. Throws std::runtime_error without a thread.
  void start() { history_.start(); }
  void stop() { history_.stop(); }

  // `listener`: where the request came in, as it was configured.
  HttpResponse respond(const HttpRequest& request, const Endpoint& listener) const;

 private:
  struct Call {
    const HttpRequest& request;
    std::string_view id;  // what stands for {id} in the path
    std::string_view as;  // by what right it comes: "token", "socket", "loopback"
  };
  // What there is at a path. HEAD is a GET whose answer is not sent whole.
  struct Operation {
    std::string_view method;
    std::string_view path;
    HttpResponse (Routes::*run)(const Call&) const;
    std::span<const std::string_view> parameters = {};  // of the query
    bool changes = false;                               // something, for others too
  };
  static const std::span<const Operation> kOperations;

  // GET
  HttpResponse dashboard(const Call& call) const;
  HttpResponse healthz(const Call& call) const;
  HttpResponse readyz(const Call& call) const;
  HttpResponse metrics(const Call& call) const;
  HttpResponse openapi(const Call& call) const;
  HttpResponse status(const Call& call) const;
  HttpResponse sessions(const Call& call) const;
  HttpResponse session(const Call& call) const;
  HttpResponse lobby(const Call& call) const;
  HttpResponse events(const Call& call) const;
  HttpResponse history(const Call& call) const;
  HttpResponse log_level(const Call& call) const;
  HttpResponse configuration(const Call& call) const;
  // POST, PUT, DELETE
  HttpResponse end_session(const Call& call) const;
  HttpResponse drain(const Call& call) const;
  HttpResponse undrain(const Call& call) const;
  HttpResponse reload(const Call& call) const;
  HttpResponse rotate_keys(const Call& call) const;
  HttpResponse set_log_level(const Call& call) const;

  HttpResponse find(const HttpRequest& request, std::string_view as) const;
  HttpResponse run(const Operation& operation, const Call& call) const;

  const AdminToken& token_;
  const Registry& registry_;
  const Health& health_;
  Control& control_;
  History history_;
};

}  // namespace parley
