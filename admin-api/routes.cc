#include "admin-api/routes.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "admin-api/authorization.h"
#include "admin-api/json_views.h"
#include "admin-api/metrics.h"
#include "admin-api/problem.h"
#include "admin-api/session_listing.h"
#include "admin-api/session_query.h"

namespace parley {

namespace {

constexpr std::string_view kSessionPrefix = "/api/v1/sessions/";

HttpResponse json_response(const Json& body) {
  return {.status = 200,
          .content_type = "application/json",
          .body = body.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
          .headers = {}};
}

bool has_parameter(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.query.begin(), request.query.end(),
                     [name](const NameValue& parameter) { return parameter.first == name; });
}

// `word` when all is well, else a line for each check that failed; with ?verbose a line for every check first, those
// that do not decide and are not well with a [!].
HttpResponse checks_response(const HttpRequest& request, const std::vector<Health::Check>& checks,
                             std::string_view word) {
  const bool verbose = has_parameter(request, "verbose");
  bool ok = true;
  std::string body;
  for (const Health::Check& check : checks) {
    const bool failed = !check.ok && check.decides;
    ok = ok && !failed;
    if (!failed && !verbose) continue;
    if (verbose) body += check.ok ? "[+] " : failed ? "[-] " : "[!] ";
    body += check.name;
    if (!check.detail.empty()) body.append(": ").append(check.detail);
    body += "\n";
  }
  if (ok) {
    body.append(word).append("\n");
  } else if (verbose) {
    body.append("not ").append(word).append("\n");
  }
  return {
      .status = ok ? 200 : 503, .content_type = "text/plain; charset=utf-8", .body = std::move(body), .headers = {}};
}

HttpResponse no_such_session() { return problem(404, "there is no session of this id; it may have ended"); }

// A shard that has not answered may have the session.
HttpResponse not_known(std::string_view detail) {
  HttpResponse response = problem(503, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

bool is_protected(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

HttpResponse denied(const Verdict& verdict) {
  if (verdict.access == Access::forbidden) return problem(403, verdict.detail);
  HttpResponse response = problem(401, verdict.detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

Routes::Routes(const AdminSettings& settings, const Registry& registry, const Health& health, Control& control)
    : token_(settings.token), registry_(registry), health_(health), control_(control) {}

HttpResponse Routes::respond(const HttpRequest& request, const Endpoint& listener) const {
  // Before anything else, so that what exists below /api is not told to everybody.
  if (is_protected(request.path)) {
    const Verdict verdict = authorize(token_, listener, request.authorization, request.host);
    if (verdict.access != Access::allowed) return denied(verdict);
  }
  return find(request);
}

HttpResponse Routes::find(const HttpRequest& request) const {
  struct Route {
    std::string_view path;
    HttpResponse (Routes::*get)(const HttpRequest&) const;
  };
  static constexpr std::array kRoutes{
      Route{"/healthz", &Routes::healthz},          Route{"/readyz", &Routes::readyz},
      Route{"/metrics", &Routes::metrics},          Route{"/api/v1/status", &Routes::status},
      Route{"/api/v1/sessions", &Routes::sessions}, Route{"/api/v1/lobby", &Routes::lobby},
  };
  const std::string_view path = request.path;
  const auto route = std::find_if(kRoutes.begin(), kRoutes.end(), [path](const Route& r) { return r.path == path; });
  const bool one_session = path.starts_with(kSessionPrefix) && path.size() > kSessionPrefix.size() &&
                           path.find('/', kSessionPrefix.size()) == std::string_view::npos;
  if (route == kRoutes.end() && !one_session) return problem(404, "there is nothing at this path");
  if (one_session && request.method == "DELETE") return end_session(path.substr(kSessionPrefix.size()));
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response =
        problem(405, one_session ? "this path takes GET, HEAD and DELETE" : "this path takes GET and HEAD");
    response.headers.emplace_back("Allow", one_session ? "GET, HEAD, DELETE" : "GET, HEAD");
    return response;
  }
  return one_session ? session(path.substr(kSessionPrefix.size())) : (this->*route->get)(request);
}

HttpResponse Routes::healthz(const HttpRequest& request) const {
  return checks_response(request, health_.liveness(), "ok");
}

HttpResponse Routes::readyz(const HttpRequest& request) const {
  return checks_response(request, health_.readiness(), "ready");
}

HttpResponse Routes::metrics(const HttpRequest& request) const {
  const ExpositionFormat format = negotiate_format(request.accept);
  return {.status = 200,
          .content_type = std::string(content_type(format)),
          .body = serialize(collect_now(registry_), format),
          .headers = {{"Vary", "Accept"}}};
}

HttpResponse Routes::status(const HttpRequest&) const { return json_response(status_json(registry_)); }

HttpResponse Routes::sessions(const HttpRequest& request) const {
  const auto query = parse_session_query(request.query);
  if (!query) return problem(400, query.error());
  const auto listing = std::make_shared<SessionListing>(registry_, *query);
  return {.status = 200,
          .content_type = "application/json",
          .body = {},
          .headers = {},
          .rest = [listing](std::string& part) { return listing->write(part); }};
}

HttpResponse Routes::session(std::string_view id) const {
  const auto number = from_hex(id);
  if (!number) return no_such_session();
  const auto found = registry_.session(SessionId{*number});
  if (found.value) return json_response(to_json(*found.value));
  if (found.complete) return no_such_session();
  return not_known("a shard that may have this session has not answered within a second; try again");
}

HttpResponse Routes::end_session(std::string_view id) const {
  const auto number = from_hex(id);
  if (!number) return no_such_session();
  const auto ended = control_.end_session(SessionId{*number});
  if (ended.value) return {.status = 204, .content_type = {}, .body = {}, .headers = {}};
  if (ended.complete) return no_such_session();
  return not_known(
      "a shard that may have this session has not answered within a second, and may end it yet; look again");
}

HttpResponse Routes::lobby(const HttpRequest&) const { return json_response(to_json(registry_.lobby())); }

}  // namespace parley
