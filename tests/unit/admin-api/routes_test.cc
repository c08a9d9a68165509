#include "admin-api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "admin-api/session_listing.h"
#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Pair;

const Endpoint kListener{"127.0.0.1", 8080};

HttpRequest get(std::string path, std::vector<NameValue> query = {}) {
  return {.method = "GET",
          .path = std::move(path),
          .query = std::move(query),
          .authorization = {},
          .host = {"localhost:8080"},
          .accept = ""};
}

// As a Content-Security-Policy names what stands between the two, each there once.
std::string hash_of(const std::string& page, const std::string& begin, const std::string& end) {
  const std::size_t first = page.find(begin) + begin.size();
  const std::string text = page.substr(first, page.find(end, first) - first);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 64> base64;
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + length) + "'";
}

// The names of SVG's elements begin with an address, which nobody asks for anything.
std::string without_namespace(std::string page) {
  const std::string name = "http://www.w3.org/2000/svg";
  for (std::size_t at = 0; (at = page.find(name)) != page.npos;) page.erase(at, name.size());
  return page;
}

class RoutesTest : public testing::Test {
 protected:
  HttpResponse respond(const HttpRequest& request, const Endpoint& listener = kListener) {
    HttpResponse response = Routes(token, service, service, service).respond(request, listener);
    while (response.rest && response.rest(response.body)) {
    }
    return response;
  }

  void expect_problem(const HttpResponse& response, int status) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json body = json::parse(response.body);
    EXPECT_EQ(body["status"], status);
    for (const char* member : {"type", "title", "detail"}) EXPECT_TRUE(body[member].is_string()) << member;
  }

  AdminToken token;
  FakeService service;
};

TEST_F(RoutesTest, Healthy) {
  const HttpResponse response = respond(get("/healthz"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok\n");
}

TEST_F(RoutesTest, DeletingASessionEndsIt) {
  service.all_sessions = {{.id = SessionId{7}, .started = {}, .legs = {}}};
  HttpRequest request = get("/api/v1/sessions/" + to_string(SessionId{7}));
  request.method = "DELETE";
  EXPECT_EQ(respond(request).status, 204);
  EXPECT_TRUE(service.all_sessions.empty());
  expect_problem(respond(request), 404);
  request.host = {"rebound.example"};
  expect_problem(respond(request), 403);
}

TEST_F(RoutesTest, NotAliveSaysWhichShard) {
  service.alive = {{"shard 0", true, ""}, {"shard 1", false, "no answer for 7 s"}};
  const HttpResponse response = respond(get("/healthz"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "shard 1: no answer for 7 s\n");
}

TEST_F(RoutesTest, NotReadyGivesAReasonALine) {
  service.ready = {{"state", false, "draining"}, {"connections", true, "3 of 1000"}, {"key pool", false, "empty"}};
  const HttpResponse response = respond(get("/readyz"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "state: draining\nkey pool: empty\n");
}

TEST_F(RoutesTest, VerboseListsAllChecks) {
  EXPECT_EQ(respond(get("/readyz")).body, "ready\n");
  EXPECT_EQ(respond(get("/readyz", {{"verbose", ""}})).body, "[+] state: ready\n[+] connections: 3 of 1000\nready\n");
  service.ready[0] = {"state", false, "draining"};
  const HttpResponse response = respond(get("/readyz", {{"verbose", "1"}}));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "[-] state: draining\n[+] connections: 3 of 1000\nnot ready\n");
}

TEST_F(RoutesTest, MetricsInBothFormats) {
  HttpRequest request = get("/metrics");
  EXPECT_EQ(respond(request).content_type, "text/plain; version=0.0.4; charset=utf-8");
  request.accept = "application/openmetrics-text; version=1.0.0";
  const HttpResponse response = respond(request);
  EXPECT_EQ(response.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(response.body.ends_with("# EOF\n"));
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept")));
}

TEST_F(RoutesTest, SessionsByPage) {
  for (std::uint64_t id = 5; id > 0; --id) service.all_sessions.push_back(make_session(id));
  std::vector<std::string> seen;
  std::vector<NameValue> query{{"limit", "2"}};
  for (int pages = 0; pages < 4; ++pages) {
    const HttpResponse response = respond(get("/api/v1/sessions", query));
    EXPECT_EQ(response.content_type, "application/json");
    const json page = json::parse(response.body);
    for (const json& session : page["sessions"]) seen.push_back(session["id"].get<std::string>().substr(15));
    if (page["next_cursor"].is_null()) break;
    query = {{"limit", "2"}, {"cursor", page["next_cursor"].get<std::string>()}};
  }
  EXPECT_THAT(seen, testing::ElementsAre("5", "4", "3", "2", "1"));
}

TEST_F(RoutesTest, ALargePageIsMadeInSmallParts) {
  constexpr std::uint64_t kSessions = 3 * SessionListing::kAtATime + 1;
  for (std::uint64_t id = kSessions; id > 0; --id) service.all_sessions.push_back(make_session(id));
  const HttpResponse response =
      Routes(token, service, service, service).respond(get("/api/v1/sessions", {{"limit", "1000"}}), kListener);
  std::string whole;
  std::size_t largest = 0;
  for (bool more = true; more;) {
    std::string part;
    more = response.rest(part);
    largest = std::max(largest, part.size());
    whole += part;
  }
  EXPECT_LT(largest, whole.size() / 2);
  const json page = json::parse(whole);
  EXPECT_EQ(page["sessions"].size(), kSessions);
  EXPECT_EQ(page["sessions"].back()["id"], "0000000000000001");
  EXPECT_EQ(page["next_cursor"], nullptr);
  EXPECT_EQ(page["incomplete"], false);
}

TEST_F(RoutesTest, AnEmptyPage) {
  const json page = json::parse(respond(get("/api/v1/sessions")).body);
  EXPECT_EQ(page.dump(), R"({"incomplete":false,"next_cursor":null,"sessions":[]})");
}

TEST_F(RoutesTest, WhatRunsShortDecidesNothing) {
  service.ready.push_back({.name = "classic key pool", .ok = false, .detail = "empty", .decides = false});
  EXPECT_EQ(respond(get("/readyz")).status, 200);
  EXPECT_EQ(respond(get("/readyz")).body, "ready\n");
  EXPECT_THAT(respond(get("/readyz", {{"verbose", ""}})).body,
              testing::EndsWith("[!] classic key pool: empty\nready\n"));
}

TEST_F(RoutesTest, BadQueryNamesTheParameter) {
  const HttpResponse response = respond(get("/api/v1/sessions", {{"limit", "many"}}));
  expect_problem(response, 400);
  EXPECT_TRUE(json::parse(response.body)["detail"].get<std::string>().starts_with("limit:"));
  // What is quoted need not be UTF-8.
  expect_problem(respond(get("/api/v1/sessions", {{"\xff", ""}})), 400);
}

TEST_F(RoutesTest, OneSession) {
  service.all_sessions.push_back(make_session(7));
  const HttpResponse response = respond(get("/api/v1/sessions/0000000000000007"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["id"], "0000000000000007");
  for (const char* id : {"0000000000000008", "7", "x", "../status"}) {
    expect_problem(respond(get(std::string("/api/v1/sessions/") + id)), 404);
  }
}

TEST_F(RoutesTest, LobbyAndStatus) {
  service.waiting.resize(1);
  EXPECT_EQ(json::parse(respond(get("/api/v1/lobby")).body)["legs"].size(), 1u);
  EXPECT_EQ(json::parse(respond(get("/api/v1/status")).body)["state"], "ready");
}

TEST_F(RoutesTest, WhatASilentShardMayHaveIsNotSaidToBeNothing) {
  service.all_answer = false;
  service.all_sessions.push_back(make_session(7));
  const json page = json::parse(respond(get("/api/v1/sessions")).body);
  EXPECT_EQ(page["sessions"].size(), 1u);
  EXPECT_EQ(page["incomplete"], true);
  EXPECT_EQ(page["next_cursor"], "0000000000000007");
  EXPECT_EQ(json::parse(respond(get("/api/v1/lobby")).body)["incomplete"], true);
  EXPECT_EQ(respond(get("/api/v1/sessions/0000000000000007")).status, 200);
  HttpRequest unknown = get("/api/v1/sessions/0000000000000008");
  for (const char* method : {"GET", "DELETE"}) {
    unknown.method = method;
    const HttpResponse response = respond(unknown);
    expect_problem(response, 503);
    EXPECT_THAT(response.headers, Contains(Pair("Retry-After", "1")));
  }
  expect_problem(respond(get("/api/v1/sessions/no-id")), 404);
}

TEST_F(RoutesTest, UnknownPathsAreNotFound) {
  for (const char* path : {"//", "", "/healthz/", "/api", "/api/", "/api/v1", "/api/v1/sessions/", "/API/v1/status",
                           "/openapi.json/", "/api/v1/sessions/{id}/", "/api/v1/config/x", "/api/v1/keys"}) {
    expect_problem(respond(get(path)), 404);
  }
}

TEST_F(RoutesTest, OtherMethodsAreNotAllowed) {
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/sessions", "/api/v1/lobby",
                           "/api/v1/sessions/0000000000000007"}) {
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
      HttpRequest request = get(path);
      request.method = method;
      const bool one_session = request.path.ends_with("7");
      if (one_session && request.method == "DELETE") continue;
      const HttpResponse response = respond(request);
      expect_problem(response, 405);
      EXPECT_THAT(response.headers, Contains(Pair("Allow", one_session ? "GET, HEAD, DELETE" : "GET, HEAD")));
    }
  }
}

class RoutesChangeTest : public RoutesTest {
 protected:
  HttpResponse call(std::string method, std::string path, std::string body = {}) {
    HttpRequest request = get(std::move(path));
    request.method = std::move(method);
    request.body = std::move(body);
    request.content_type = content_type;
    request.origin = origin;
    return respond(request);
  }
  std::string content_type = "application/json";
  std::vector<std::string> origin;
};

TEST_F(RoutesChangeTest, DrainTakesTheUsualDeadlineAnotherOrNone) {
  HttpResponse response = call("POST", "/api/v1/drain");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(json::parse(response.body)["deadline"], "2023-11-14T22:13:50.123Z");
  response = call("POST", "/api/v1/drain", R"({"deadline_s": 0.5})");
  EXPECT_EQ(json::parse(response.body)["deadline"], "2023-11-14T22:13:20.623Z");
  response = call("POST", "/api/v1/drain", R"({"deadline_s": null})");
  EXPECT_EQ(json::parse(response.body)["deadline"], nullptr);
  EXPECT_EQ(json::parse(respond(get("/api/v1/status")).body)["drain"]["for_good"], false);
  EXPECT_EQ(call("DELETE", "/api/v1/drain").status, 204);
  EXPECT_EQ(json::parse(respond(get("/api/v1/status")).body)["drain"], nullptr);
}

TEST_F(RoutesChangeTest, ReloadRotateAndLogLevelSayWhatTheyDid) {
  const json report = json::parse(call("POST", "/api/v1/reload").body);
  EXPECT_EQ(report["changed"][0], "cert");
  EXPECT_EQ(report["needs_restart"][0], "shards");
  EXPECT_EQ(report["certificate"]["before"]["fingerprint"], "00ff");
  EXPECT_EQ(json::parse(call("POST", "/api/v1/keys/rotate", "{}").body)["dropped"], 64);
  const json level = json::parse(call("PUT", "/api/v1/log-level", R"({"level": "debug", "for_s": 60})").body);
  EXPECT_EQ(level["level"], "debug");
  EXPECT_EQ(level["configured"], "info");
  EXPECT_EQ(level["until"], "2023-11-14T22:14:20.123Z");
  EXPECT_EQ(json::parse(respond(get("/api/v1/log-level")).body)["level"], "debug");
  const json listed = json::parse(respond(get("/api/v1/config")).body)["settings"];
  EXPECT_EQ(listed[0]["where"], "parley.toml:3");
  EXPECT_EQ(listed[1]["where"], nullptr);
}

TEST_F(RoutesChangeTest, ABodyMustBeWhatTheCallTakes) {
  const std::pair<std::string, int> drains[] = {{"x", 400},
                                                {"[]", 400},
                                                {"null", 400},
                                                {R"({"deadline_s": -1})", 400},
                                                {R"({"deadline_s": "1"})", 400},
                                                {R"({"deadline_s": 604801})", 400},
                                                {R"({"deadline": 1})", 400},
                                                {R"({"deadline_s": 1e999})", 400},
                                                {std::string(2000, '['), 400}};
  for (const auto& [body, status] : drains) expect_problem(call("POST", "/api/v1/drain", body), status);
  EXPECT_FALSE(service.drain_now);
  for (const char* body : {"", "{}", R"({"level": "loud"})", R"({"level": 1})", R"({"level": "info", "x": 1})"}) {
    expect_problem(call("PUT", "/api/v1/log-level", body), 400);
  }
  for (const char* path : {"/api/v1/reload", "/api/v1/keys/rotate"})
    expect_problem(call("POST", path, R"({"x":1})"), 400);
  for (const char* type : {"", "text/plain", "application/jsonp", "application/x-www-form-urlencoded"}) {
    content_type = type;
    expect_problem(call("POST", "/api/v1/drain", "{}"), 415);
  }
  content_type = "Application/JSON; charset=utf-8";
  EXPECT_EQ(call("POST", "/api/v1/drain", "{}").status, 202);
}

TEST_F(RoutesChangeTest, OtherOriginsChangeNothing) {
  for (const char* from : {"http://evil.example", "null", "localhost:8080", "http://localhost:8081", ""}) {
    origin = {from};
    expect_problem(call("POST", "/api/v1/drain"), 403);
  }
  EXPECT_FALSE(service.drain_now);
  for (const char* from : {"http://localhost:8080", "https://LOCALHOST:8080"}) {
    origin = {from};
    EXPECT_EQ(call("POST", "/api/v1/drain").status, 202);
  }
  origin = {"http://evil.example"};
  HttpRequest read = get("/api/v1/status");
  read.origin = origin;
  EXPECT_EQ(respond(read).status, 200) << "its page cannot read the answer";
}

TEST_F(RoutesChangeTest, WhatCouldNotBeDoneHasItsStatus) {
  const std::pair<NotDone::Kind, int> kinds[] = {
      {NotDone::Kind::invalid, 422}, {NotDone::Kind::conflict, 409}, {NotDone::Kind::unavailable, 503}};
  for (const auto& [kind, status] : kinds) {
    service.failure = NotDone{kind, "why"};
    expect_problem(call("POST", "/api/v1/reload"), status);
    expect_problem(call("POST", "/api/v1/drain"), status);
    expect_problem(call("DELETE", "/api/v1/drain"), status);
    expect_problem(call("PUT", "/api/v1/log-level", R"({"level": "info"})"), status);
    expect_problem(respond(get("/api/v1/config")), status);
  }
}

TEST_F(RoutesTest, UnknownParametersAreRefusedBelowApi) {
  for (const char* path : {"/api/v1/status", "/api/v1/lobby", "/api/v1/config", "/api/v1/sessions"}) {
    const HttpResponse response = respond(get(path, {{"verbose", ""}}));
    expect_problem(response, 400);
    EXPECT_TRUE(json::parse(response.body)["detail"].get<std::string>().starts_with("verbose:")) << path;
  }
  for (const char* path : {"/healthz", "/livez", "/readyz", "/metrics"}) {
    EXPECT_EQ(respond(get(path, {{"x", ""}})).status, 200) << path;
  }
}

// What openapi.json says there is, is there, and no more.
TEST_F(RoutesTest, TheDocumentNamesEveryOperation) {
  const auto document = nlohmann::ordered_json::parse(respond(get("/openapi.json")).body);
  for (const auto& [path, operations] : document["paths"].items()) {
    HttpRequest request = get(path);
    request.method = "NONE";
    const HttpResponse response = respond(request);
    ASSERT_EQ(response.status, 405) << path;
    std::string allowed;
    for (const auto& [method, operation] : operations.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      allowed += (allowed.empty() ? "" : ", ") + name + (name == "GET" ? ", HEAD" : "");
    }
    EXPECT_THAT(response.headers, Contains(Pair("Allow", allowed))) << path;
  }
}

// What a page may run and load is what its policy has the hash of, so no other script runs in it.
TEST_F(RoutesTest, TheDashboardIsOnePageThatRunsItsOwnScriptAlone) {
  const HttpResponse response = respond(get("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(response.body, testing::StartsWith("<!doctype html>"));
  for (const char* elsewhere : {" src=", "http://", "https://", "@import", "url("}) {
    EXPECT_THAT(without_namespace(response.body), testing::Not(testing::HasSubstr(elsewhere)));
  }
  EXPECT_THAT(response.headers, Contains(Pair("X-Frame-Options", "DENY")));
  EXPECT_THAT(response.headers, Contains(Pair("Referrer-Policy", "no-referrer")));
  const auto policy = std::ranges::find(response.headers, "Content-Security-Policy", &NameValue::first);
  ASSERT_NE(policy, response.headers.end());
  EXPECT_THAT(policy->second, testing::StartsWith("default-src 'none'; "));
  EXPECT_THAT(policy->second, testing::EndsWith("; frame-ancestors 'none'"));
  EXPECT_THAT(policy->second, testing::HasSubstr("connect-src 'self'; "));
  EXPECT_THAT(policy->second, testing::Not(testing::HasSubstr("unsafe")));
  EXPECT_THAT(
      policy->second,
      testing::HasSubstr("script-src " + hash_of(response.body, "<script type=\"module\">", "</script>") + ";"));
  EXPECT_THAT(policy->second, testing::HasSubstr("style-src " + hash_of(response.body, "<style>", "</style>") + ";"));
}

TEST_F(RoutesTest, TokenProtectsApiAlone) {
  token.use("s3cret");
  for (const char* path : {"/", "/healthz", "/readyz", "/metrics"}) EXPECT_EQ(respond(get(path)).status, 200) << path;
  for (const char* path : {"/api/v1/status", "/api/v1/sessions", "/api/v1/sessions/0000000000000007", "/api/v1/lobby",
                           "/api/v1/nothing", "/api"}) {
    const HttpResponse response = respond(get(path));
    expect_problem(response, 401);
    EXPECT_THAT(response.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
  }
  HttpRequest request = get("/api/v1/status");
  request.authorization = {"Bearer s3cret"};
  EXPECT_EQ(respond(request).status, 200);
}

TEST_F(RoutesTest, WithoutATokenHostAndListenerDecide) {
  HttpRequest request = get("/api/v1/status");
  EXPECT_EQ(respond(request).status, 200);
  expect_problem(respond(request, {"0.0.0.0", 8080}), 403);
  request.host = {"rebound.example:8080"};
  expect_problem(respond(request), 403);
  request.path = "/healthz";
  EXPECT_EQ(respond(request, {"0.0.0.0", 8080}).status, 200);
}

}  // namespace
}  // namespace parley
