#include "admin-api/json_views.h"

#include "base/version.h"

namespace parley {

namespace {

template <class Rep, class Period>
double seconds(std::chrono::duration<Rep, Period> duration) {
  return std::chrono::duration<double>(duration).count();
}

Json seconds_or_none(milliseconds limit) { return limit.count() == 0 ? Json(nullptr) : Json(seconds(limit)); }

std::string_view label(ClassicKeys keys) { return keys == ClassicKeys::shared ? "shared" : "per-connection"; }

template <class Number>
Json or_none(Number limit) {
  return limit == Number{} ? Json(nullptr) : Json(limit);
}

Json to_json(const ProtocolCounts& counts) {
  Json sessions;
  for (std::size_t i = 0; i < kSessionStates; ++i) {
    sessions[label(static_cast<SessionState>(i))] = counts.sessions[i];
  }
  return {{"connections", counts.connections},       {"connections_total", counts.connections_total},
          {"lobby_legs", counts.lobby_legs},         {"sessions", std::move(sessions)},
          {"sessions_total", counts.sessions_total}, {"messages_total", counts.messages_total},
          {"bytes_in_total", counts.bytes_in_total}, {"bytes_out_total", counts.bytes_out_total}};
}

Json to_json(const std::vector<Endpoint>& endpoints) {
  Json result = Json::array();
  for (const Endpoint& endpoint : endpoints) result.push_back(to_string(endpoint));
  return result;
}

Json to_json(const KeyPoolView& pool) {
  return {{"keys", label(pool.keys)},
          {"ready", pool.ready},
          {"capacity", pool.capacity},
          {"waiting", pool.waiting},
          {"empty_for_s", pool.empty_for ? Json(seconds(*pool.empty_for)) : Json(nullptr)}};
}

Json to_json(const WorkersView& workers) {
  return {{"engine", workers.engine},
          {"engine_detail", workers.engine_detail},
          {"threads", workers.threads},
          {"queued", workers.queued}};
}

Json to_json(const std::optional<CertificateView>& certificate) {
  if (!certificate) return nullptr;
  return {{"pin", certificate->pin},
          {"fingerprint", certificate->fingerprint},
          {"expires", certificate->expires ? Json(rfc3339(*certificate->expires)) : Json(nullptr)}};
}

Json to_json(const Limits& limits, std::size_t max_connections) {
  return {{"max_connections", or_none(max_connections)},
          {"max_connections_per_address", or_none(limits.max_connections_per_address)},
          {"connection_rate_per_address", or_none(limits.connection_rate_per_address)},
          {"max_rooms_per_address", or_none(limits.max_rooms_per_address)},
          {"buffer_limit_bytes", or_none(limits.buffer_limit)},
          {"message_rate_per_connection", or_none(limits.message_rate_per_connection)},
          {"byte_rate_per_connection", or_none(limits.byte_rate_per_connection)}};
}

Json to_json(const Deadlines& deadlines) {
  return {{"handshake_s", seconds_or_none(deadlines.handshake)},
          {"wait_s", seconds_or_none(deadlines.wait)},
          {"idle_s", seconds_or_none(deadlines.idle)},
          {"write_s", seconds_or_none(deadlines.write)},
          {"drain_s", seconds_or_none(deadlines.drain)},
          {"drain_delay_s", seconds(deadlines.drain_delay)},
          {"resume_grace_s", seconds_or_none(deadlines.resume_grace)}};
}

}  // namespace

Json to_json(const LegView& leg) {
  return {{"id", to_string(leg.id)},
          {"address", leg.address},
          {"connected", rfc3339(leg.connected)},
          {"messages_in", leg.messages_in},
          {"messages_out", leg.messages_out},
          {"bytes_in", leg.bytes_in},
          {"bytes_out", leg.bytes_out},
          {"buffered_bytes", leg.buffered_bytes},
          {"rsa_bits", leg.rsa_bits},
          {"client", leg.client.empty() ? Json(nullptr) : Json(leg.client)},
          {"lost", leg.lost},
          {"round_trip_s", leg.round_trip ? Json(seconds(*leg.round_trip)) : Json(nullptr)}};
}

Json to_json(const SessionView& session) {
  return {{"id", to_string(session.id)},
          {"protocol", label(session.protocol)},
          {"name", session.name.empty() ? Json(nullptr) : Json(session.name)},
          {"state", label(session.state)},
          {"started", rfc3339(session.started)},
          {"idle_s", seconds(session.idle)},
          {"resumptions", session.resumptions},
          {"legs", {to_json(session.legs[0]), to_json(session.legs[1])}}};
}

Json to_json(const WaitingView& waiting) {
  Json result = to_json(waiting.leg);
  result["protocol"] = label(waiting.protocol);
  result["in_transit"] = waiting.in_transit;
  return result;
}

Json to_json(const Answered<std::vector<WaitingView>>& lobby) {
  Json legs = Json::array();
  for (const WaitingView& waiting : lobby.value) legs.push_back(to_json(waiting));
  return {{"legs", std::move(legs)}, {"incomplete", !lobby.complete}};
}

Json to_json(const std::optional<DrainView>& drain) {
  if (!drain) return nullptr;
  return {{"since", rfc3339(drain->since)},
          {"deadline", drain->deadline ? Json(rfc3339(*drain->deadline)) : Json(nullptr)},
          {"for_good", drain->for_good}};
}

Json to_json(const ReloadReport& report) {
  return {{"changed", report.changed},
          {"needs_restart", report.needs_restart},
          {"certificate", {{"before", to_json(report.before)}, {"after", to_json(report.after)}}}};
}

Json to_json(const KeyRotation& rotation) { return {{"keys", label(rotation.keys)}, {"dropped", rotation.dropped}}; }

Json to_json(const LogLevelView& level) {
  return {{"level", level.level},
          {"configured", level.configured},
          {"until", level.until ? Json(rfc3339(*level.until)) : Json(nullptr)}};
}

Json to_json(const std::vector<ConfiguredValue>& values) {
  Json settings = Json::array();
  for (const ConfiguredValue& value : values) {
    settings.push_back({{"name", value.name},
                        {"values", value.values},
                        {"source", value.source},
                        {"where", value.where.empty() ? Json(nullptr) : Json(value.where)}});
  }
  return {{"settings", std::move(settings)}};
}

Json status_json(const Registry& registry) {
  const Counts counts = registry.counts();
  Json protocols;
  for (std::size_t i = 0; i < kProtocols; ++i) {
    protocols[label(static_cast<Protocol>(i))] = to_json(counts.protocols[i]);
  }
  return {{"version", version()},
          {"commit", commit()},
          {"openssl", openssl_version()},
          {"state", label(registry.state())},
          {"started", rfc3339(registry.started())},
          {"uptime_s", seconds(registry.uptime())},
          {"listeners",
           {{"classic", to_json(registry.classic_listeners())}, {"relay", to_json(registry.relay_listeners())}}},
          {"certificate", to_json(registry.certificate())},
          {"drain", to_json(registry.drain())},
          {"shards", counts.shard_loop_lag.size()},
          {"protocols", std::move(protocols)},
          {"buffered_bytes", counts.buffered_bytes},
          {"limits", to_json(registry.limits(), registry.max_connections())},
          {"deadlines", to_json(registry.deadlines())},
          {"key_pool", to_json(counts.key_pool)},
          {"workers", to_json(counts.workers)}};
}

}  // namespace parley
