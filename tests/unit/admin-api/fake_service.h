#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "service/view/control.h"
#include "service/view/view.h"

namespace parley {

// A service that is whatever a test says it is. Not to be changed while a server asks it.
class FakeService : public Registry, public Health, public Control {
 public:
  ServiceState state() const override { return state_now; }
  WallTime started() const override { return start; }
  std::chrono::duration<double> uptime() const override { return std::chrono::milliseconds(2500); }
  std::size_t max_connections() const override { return 1000; }
  Limits limits() const override { return limits_now; }
  Deadlines deadlines() const override { return {}; }
  std::vector<Endpoint> classic_listeners() const override { return {{"127.0.0.1", 10000}}; }
  std::vector<Endpoint> relay_listeners() const override { return {{"127.0.0.1", 10443}}; }
  std::optional<CertificateView> certificate() const override { return certificate_now; }
  Counts counts() const override { return counts_now; }

  Answered<std::vector<SessionView>> sessions(const SessionQuery& query) const override {
    Answered<std::vector<SessionView>> result{.value = {}, .complete = all_answer};
    for (const SessionView& session : all_sessions) {
      if (query.before && session.id >= *query.before) continue;
      if (query.state && session.state != *query.state) continue;
      if (query.protocol && session.protocol != *query.protocol) continue;
      if (result.value.size() < query.limit) result.value.push_back(session);
    }
    return result;
  }
  Answered<std::optional<SessionView>> session(SessionId id) const override {
    const auto found = std::find_if(all_sessions.begin(), all_sessions.end(),
                                    [id](const SessionView& session) { return session.id == id; });
    return {found == all_sessions.end() ? std::nullopt : std::optional(*found), all_answer};
  }
  std::optional<DrainView> drain() const override { return drain_now; }
  Answered<bool> end_session(SessionId id) override {
    return {std::erase_if(all_sessions, [id](const SessionView& session) { return session.id == id; }) != 0,
            all_answer};
  }
  Answered<std::vector<WaitingView>> lobby() const override { return {waiting, all_answer}; }
  Events& events() const override { return all_events; }

  tl::expected<ReloadReport, NotDone> reload() override {
    return failure ? tl::expected<ReloadReport, NotDone>(tl::unexpected(*failure))
                   : ReloadReport{{"cert"}, {"shards"}, certificate_now, certificate_now};
  }
  tl::expected<DrainView, NotDone> drain(std::optional<milliseconds> within) override {
    if (failure) return tl::unexpected(*failure);
    drain_now = DrainView{.since = start, .deadline = {}, .for_good = false};
    if (within) drain_now->deadline = start + *within;
    return *drain_now;
  }
  tl::expected<void, NotDone> undrain() override {
    if (failure) return tl::unexpected(*failure);
    drain_now.reset();
    return {};
  }
  KeyRotation rotate_keys() override { return {.keys = ClassicKeys::per_connection, .dropped = 64}; }
  tl::expected<LogLevelView, NotDone> log_level() const override {
    if (failure) return tl::unexpected(*failure);
    return level;
  }
  tl::expected<LogLevelView, NotDone> set_log_level(std::string_view wanted,
                                                    std::optional<std::chrono::seconds> time) override {
    if (failure) return tl::unexpected(*failure);
    level.level = wanted;
    level.until = time ? std::optional(start + *time) : std::nullopt;
    return level;
  }
  tl::expected<std::vector<ConfiguredValue>, NotDone> configuration() const override {
    if (failure) return tl::unexpected(*failure);
    return std::vector<ConfiguredValue>{{"shards", {"2"}, "file", "parley.toml:3"}, {"key", {"k.pem"}, "default", ""}};
  }

  std::vector<Check> liveness() const override { return alive; }
  std::vector<Check> readiness() const override { return ready; }

  mutable Events all_events;
  ServiceState state_now = ServiceState::ready;
  WallTime start{std::chrono::milliseconds(1'700'000'000'123)};  // 2023-11-14T22:13:20.123Z
  Limits limits_now;
  std::optional<CertificateView> certificate_now{{"sha256:pin", "00ff", WallTime(std::chrono::seconds(1'800'000'000))}};
  Counts counts_now;
  std::vector<SessionView> all_sessions;  // newest first
  std::vector<WaitingView> waiting;
  std::optional<DrainView> drain_now;
  LogLevelView level{.level = "info", .configured = "info", .until = {}};
  std::optional<NotDone> failure;  // of what an operator wants done
  bool all_answer = true;          // else a shard is silent
  std::vector<Check> alive{{"shards", true, "2 of 2 answered"}};
  std::vector<Check> ready{{"state", true, "ready"}, {"connections", true, "3 of 1000"}};
};

inline SessionView make_session(std::uint64_t id) {
  SessionView session;
  session.id = {id};
  session.started = WallTime(std::chrono::milliseconds(1'700'000'001'000));
  session.idle = std::chrono::milliseconds(1500);
  for (std::uint64_t i = 0; i < 2; ++i) {
    LegView& leg = session.legs[i];
    leg.id = {2 * id + i};
    leg.address = "192.0.2.1:" + std::to_string(50000 + i);
    leg.connected = session.started;
    leg.messages_in = 3 + i;
    leg.messages_out = 4 - i;
    leg.bytes_in = 768;
    leg.bytes_out = 192;
    leg.rsa_bits = 512;
  }
  session.legs[0].round_trip = std::chrono::microseconds(250);
  return session;
}

}  // namespace parley
