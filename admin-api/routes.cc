#include "admin-api/routes.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "admin-api/authorization.h"
#include "admin-api/dashboard.h"
#include "admin-api/event_stream.h"
#include "admin-api/http/problem.h"
#include "admin-api/json_body.h"
#include "admin-api/json_views.h"
#include "admin-api/metrics.h"
#include "admin-api/openapi.h"
#include "admin-api/session_listing.h"
#include "admin-api/session_query.h"
#include "base/version.h"
#include "service/log/log.h"

namespace parley {

namespace {

HttpResponse json_response(const Json& body, int status = 200) {
  return {.status = status,
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
    ok = ok && !check.failed();
    if (!check.failed() && !verbose) continue;
    if (verbose) body += check.ok ? "[+] " : check.failed() ? "[-] " : "[!] ";
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

HttpResponse not_done(const NotDone& failed) {
  if (failed.kind == NotDone::Kind::unavailable) return not_known(failed.why);
  return problem(failed.kind == NotDone::Kind::conflict ? 409 : 422, failed.why);
}

// What has been done, or why it has not.
template <class Value>
HttpResponse answer(const tl::expected<Value, NotDone>& result, int status = 200) {
  return result ? json_response(to_json(*result), status) : not_done(result.error());
}

// Whether the path is one of those; `id` is what stands there for {id}.
bool matches(std::string_view form, std::string_view path, std::string_view& id) {
  constexpr std::string_view kId = "{id}";
  if (!form.ends_with(kId)) return form == path;
  form.remove_suffix(kId.size());
  if (!path.starts_with(form)) return false;
  id = path.substr(form.size());
  return !id.empty() && id.find('/') == id.npos;
}

// "GET, HEAD and DELETE"
std::string in_words(const std::vector<std::string_view>& methods) {
  std::string text;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (i > 0) text += i + 1 == methods.size() ? " and " : ", ";
    text += methods[i];
  }
  return text;
}

HttpResponse not_allowed(const std::vector<std::string_view>& methods) {
  HttpResponse response = problem(405, "this path takes " + in_words(methods));
  std::string allow;
  for (const std::string_view method : methods) allow.append(allow.empty() ? "" : ", ").append(method);
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

constexpr std::array<std::string_view, 1> kVerbose{"verbose"};
constexpr std::array<std::string_view, 1> kMinutes{"minutes"};
constexpr std::array<std::string_view, 4> kSessionParameters{"protocol", "state", "limit", "cursor"};
// In the log.
constexpr std::size_t kMostOfABody = 200;
// No drain and no other level is meant to last for longer.
constexpr milliseconds kLongestDrain = std::chrono::hours{7 * 24};
constexpr std::chrono::seconds kLongestLogLevel = std::chrono::hours{7 * 24};

bool is_protected(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

HttpResponse denied(const Verdict& verdict) {
  if (verdict.access == Access::forbidden) return problem(403, verdict.detail);
  HttpResponse response = problem(401, verdict.detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

Routes::Routes(const AdminToken& token, const Registry& registry, const Health& health, Control& control)
    : token_(token), registry_(registry), health_(health), control_(control), history_(registry) {}

// Every operation is in openapi.json, too.
const std::span<const Routes::Operation> Routes::kOperations = [] {
  static constexpr std::array kAll{
      Operation{"GET", "/", &Routes::dashboard},
      Operation{"GET", "/livez", &Routes::healthz, kVerbose},
      Operation{"GET", "/healthz", &Routes::healthz, kVerbose},
      Operation{"GET", "/readyz", &Routes::readyz, kVerbose},
      Operation{"GET", "/metrics", &Routes::metrics},
      Operation{"GET", "/openapi.json", &Routes::openapi},
      Operation{"GET", "/api/v1/status", &Routes::status},
      Operation{"GET", "/api/v1/sessions", &Routes::sessions, kSessionParameters},
      Operation{"GET", "/api/v1/sessions/{id}", &Routes::session},
      Operation{"DELETE", "/api/v1/sessions/{id}", &Routes::end_session, {}, true},
      Operation{"GET", "/api/v1/lobby", &Routes::lobby},
      Operation{"GET", "/api/v1/events", &Routes::events},
      Operation{"GET", "/api/v1/history", &Routes::history, kMinutes},
      Operation{"POST", "/api/v1/drain", &Routes::drain, {}, true},
      Operation{"DELETE", "/api/v1/drain", &Routes::undrain, {}, true},
      Operation{"POST", "/api/v1/reload", &Routes::reload, {}, true},
      Operation{"POST", "/api/v1/keys/rotate", &Routes::rotate_keys, {}, true},
      Operation{"GET", "/api/v1/log-level", &Routes::log_level},
      Operation{"PUT", "/api/v1/log-level", &Routes::set_log_level, {}, true},
      Operation{"GET", "/api/v1/config", &Routes::configuration},
  };
  return std::span(kAll);
}();

HttpResponse Routes::respond(const HttpRequest& request, const Endpoint& listener) const {
  const AdminToken::Value token = token_.now();
  // Before anything else, so that what exists below /api is not told to everybody.
  if (is_protected(request.path)) {
    const Verdict verdict = authorize(token.get(), listener, request.authorization, request.host);
    if (verdict.access != Access::allowed) return denied(verdict);
  }
  return find(request, unix_path(listener) ? "socket" : token ? "token" : "loopback");
}

HttpResponse Routes::find(const HttpRequest& request, std::string_view as) const {
  std::vector<std::string_view> methods;
  for (const Operation& operation : kOperations) {
    std::string_view id;
    if (!matches(operation.path, request.path, id)) continue;
    methods.push_back(operation.method);
    if (operation.method == "GET") methods.emplace_back("HEAD");
    if (request.method == operation.method || request.method == methods.back())
      return run(operation, {request, id, as});
  }
  return methods.empty() ? problem(404, "there is nothing at this path") : not_allowed(methods);
}

HttpResponse Routes::run(const Operation& operation, const Call& call) const {
  const HttpRequest& request = call.request;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(operation.parameters, name) == operation.parameters.end() && is_protected(operation.path))
      return problem(400, name + ": unknown parameter" +
                              (operation.parameters.empty() ? "; there are none here"
                                                            : "; there are " + in_words({operation.parameters.begin(),
                                                                                         operation.parameters.end()})));
  }
  if (!operation.changes) return (this->*operation.run)(call);
  if (!same_origin(request.origin, request.host)) return problem(403, "Origin is not that of this endpoint");
  const HttpResponse response = (this->*operation.run)(call);
  log_event(Level::info, "admin call",
            {{"call", request.method + " " + request.path},
             {"from", request.client},
             {"as", call.as},
             {"body", std::string_view(request.body).substr(0, kMostOfABody)},
             {"status", response.status}});
  return response;
}

// Open to everybody: whoever has no token learns from it what anybody can read in the sources.
HttpResponse Routes::dashboard(const Call&) const {
  return {.status = 200,
          .content_type = "text/html; charset=utf-8",
          .body = std::string(kDashboardPage),
          .headers = {{"Content-Security-Policy", std::string(kDashboardPolicy)},
                      {"X-Frame-Options", "DENY"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}}};
}

HttpResponse Routes::healthz(const Call& call) const { return checks_response(call.request, health_.liveness(), "ok"); }

HttpResponse Routes::readyz(const Call& call) const {
  return checks_response(call.request, health_.readiness(), "ready");
}

HttpResponse Routes::metrics(const Call& call) const {
  const ExpositionFormat format = negotiate_format(call.request.accept);
  return {.status = 200,
          .content_type = std::string(content_type(format)),
          .body = serialize(collect_now(registry_, health_), format),
          .headers = {{"Vary", "Accept"}}};
}

HttpResponse Routes::openapi(const Call&) const {
  return {.status = 200, .content_type = "application/json", .body = std::string(kOpenApi), .headers = {}};
}

HttpResponse Routes::status(const Call&) const { return json_response(status_json(registry_)); }

HttpResponse Routes::sessions(const Call& call) const {
  const auto query = parse_session_query(call.request.query);
  if (!query) return problem(400, query.error());
  const auto listing = std::make_shared<SessionListing>(registry_, *query);
  return {.status = 200,
          .content_type = "application/json",
          .body = {},
          .headers = {},
          .rest = [listing](std::string& part) { return listing->write(part); }};
}

HttpResponse Routes::session(const Call& call) const {
  const auto number = from_hex(call.id);
  if (!number) return no_such_session();
  const auto found = registry_.session(SessionId{*number});
  if (found.value) return json_response(to_json(*found.value));
  if (found.complete) return no_such_session();
  return not_known("a shard that may have this session has not answered within a second; try again");
}

HttpResponse Routes::end_session(const Call& call) const {
  const auto number = from_hex(call.id);
  if (!number) return no_such_session();
  const auto ended = control_.end_session(SessionId{*number});
  if (ended.value) return {.status = 204, .content_type = {}, .body = {}, .headers = {}};
  if (ended.complete) return no_such_session();
  return not_known(
      "a shard that may have this session has not answered within a second, and may end it yet; look again");
}

HttpResponse Routes::lobby(const Call&) const { return json_response(to_json(registry_.lobby())); }

HttpResponse Routes::events(const Call&) const {
  const auto stream = EventStream::open(registry_);
  if (!stream) return not_known("as many watch as may: " + std::to_string(Events::kMostWatchers));
  return {.status = 200,
          .content_type = "text/event-stream",
          .body = {},
          .headers = {},
          .rest = [stream](std::string& part) { return stream->write(part); },
          .endless = true};
}

HttpResponse Routes::history(const Call& call) const {
  std::chrono::minutes last = History::kLength;
  for (const auto& [name, value] : call.request.query) {
    const auto minutes = parse_count(value, History::kLength.count());
    if (!minutes)
      return problem(400, "minutes: must be a number from 1 to " + std::to_string(History::kLength.count()));
    last = std::chrono::minutes(*minutes);
  }
  return {
      .status = 200, .content_type = "application/json", .body = history_.columns(last).dump() + "\n", .headers = {}};
}

HttpResponse Routes::drain(const Call& call) const {
  JsonBody body(call.request);
  const milliseconds usual = registry_.deadlines().drain;
  std::optional<milliseconds> within = usual.count() > 0 ? std::optional(usual) : std::nullopt;
  body.take_seconds_or_null("deadline_s", within, kLongestDrain);
  if (const auto wrong = body.finish()) return *wrong;
  const auto begun = control_.drain(within);
  return begun ? json_response(to_json(std::optional(*begun)), 202) : not_done(begun.error());
}

HttpResponse Routes::undrain(const Call&) const {
  const auto done = control_.undrain();
  return done ? HttpResponse{.status = 204, .content_type = {}, .body = {}, .headers = {}} : not_done(done.error());
}

HttpResponse Routes::reload(const Call& call) const {
  JsonBody body(call.request);
  if (const auto wrong = body.finish()) return *wrong;
  return answer(control_.reload());
}

HttpResponse Routes::rotate_keys(const Call& call) const {
  JsonBody body(call.request);
  if (const auto wrong = body.finish()) return *wrong;
  return json_response(to_json(control_.rotate_keys()));
}

HttpResponse Routes::log_level(const Call&) const { return answer(control_.log_level()); }

HttpResponse Routes::set_log_level(const Call& call) const {
  JsonBody body(call.request);
  const std::string level = body.take_word("level", kLogLevelNames);
  std::optional<milliseconds> time;
  body.take_seconds_or_null("for_s", time, kLongestLogLevel);
  if (const auto wrong = body.finish()) return *wrong;
  return answer(control_.set_log_level(
      level, time ? std::optional(std::chrono::ceil<std::chrono::seconds>(*time)) : std::nullopt));
}

HttpResponse Routes::configuration(const Call&) const { return answer(control_.configuration()); }

}  // namespace parley
