#include "admin-api/metric_table.h"

#include <array>
#include <string>

#include "base/version.h"
#include "service/log/log.h"

namespace parley {

namespace {

constexpr auto kCounter = prometheus::MetricType::Counter;
constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kHistogram = prometheus::MetricType::Histogram;

constexpr std::array kServiceStates{ServiceState::starting, ServiceState::ready, ServiceState::draining,
                                    ServiceState::stopped};

template <auto Member>
void by_protocol(const Scrape& scrape, Samples& out) {
  for (std::size_t i = 0; i < kProtocols; ++i) {
    out.add({label(static_cast<Protocol>(i))}, scrape.counts.protocols[i].*Member);
  }
}

// For arrays that an enumeration indexes: its words are the second label.
template <class Enum, auto Member>
void by_protocol_and(const Scrape& scrape, Samples& out) {
  for (std::size_t i = 0; i < kProtocols; ++i) {
    const auto& values = scrape.counts.protocols[i].*Member;
    for (std::size_t j = 0; j < values.size(); ++j) {
      out.add({label(static_cast<Protocol>(i)), label(static_cast<Enum>(j))}, values[j]);
    }
  }
}

template <auto Member>
void of_process(const Scrape& scrape, Samples& out) {
  if (const auto& measured = scrape.process.*Member) out.add({}, *measured);
}

double unix_seconds(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

constexpr std::array kTable{
    MetricDescription{"parley_build_info", kGauge, "version,commit,openssl", "What is running; always 1.",
                      [](const Scrape&, Samples& out) { out.add({version(), commit(), openssl_version()}, 1.0); }},
    MetricDescription{"parley_start_time_seconds", kGauge, "", "When the service started, in seconds since the epoch.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, unix_seconds(scrape.started)); }},
    MetricDescription{"parley_state", kGauge, "state", "1 for the state that the service is in, 0 for the others.",
                      [](const Scrape& scrape, Samples& out) {
                        for (const ServiceState state : kServiceStates) {
                          out.add({label(state)}, state == scrape.state ? 1.0 : 0.0);
                        }
                      }},

    MetricDescription{"parley_ready", kGauge, "", "1 when /readyz says yes, else 0.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.ready ? 1.0 : 0.0); }},

    MetricDescription{"parley_connections_total", kCounter, "protocol", "Connections accepted.",
                      by_protocol<&ProtocolCounts::connections_total>},
    MetricDescription{"parley_connections", kGauge, "protocol", "Connections open now.",
                      by_protocol<&ProtocolCounts::connections>},
    MetricDescription{"parley_max_connections", kGauge, "", "The connection limit in effect; 0 when there is none.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, std::uint64_t{scrape.max_connections}); }},
    MetricDescription{"parley_refused_total", kCounter, "protocol,reason",
                      "Connections refused before they became a leg.",
                      by_protocol_and<Refusal, &ProtocolCounts::refused_total>},
    MetricDescription{
        "parley_handshake_seconds", kHistogram, "protocol",
        "From a connection's accept to the end of its handshake (classic: its key has come, relay: its HELLO).",
        by_protocol<&ProtocolCounts::handshake_seconds>},
    MetricDescription{"parley_lobby_legs", kGauge, "protocol", "Legs that wait for a partner.",
                      by_protocol<&ProtocolCounts::lobby_legs>},
    MetricDescription{"parley_pairing_wait_seconds", kHistogram, "protocol",
                      "From a leg's entering the lobby to its session's start.",
                      by_protocol<&ProtocolCounts::pairing_wait_seconds>},
    MetricDescription{"parley_leg_ends_total", kCounter, "protocol,reason", "Ends of legs that never had a session.",
                      by_protocol_and<EndReason, &ProtocolCounts::leg_ends_total>},

    MetricDescription{"parley_sessions_total", kCounter, "protocol", "Sessions started.",
                      by_protocol<&ProtocolCounts::sessions_total>},
    MetricDescription{"parley_sessions", kGauge, "protocol,state", "Sessions there are now.",
                      by_protocol_and<SessionState, &ProtocolCounts::sessions>},
    MetricDescription{"parley_session_ends_total", kCounter, "protocol,reason", "Sessions ended.",
                      by_protocol_and<EndReason, &ProtocolCounts::session_ends_total>},
    MetricDescription{"parley_session_seconds", kHistogram, "protocol", "How long sessions lasted.",
                      by_protocol<&ProtocolCounts::session_seconds>},
    MetricDescription{"parley_resumptions_total", kCounter, "protocol",
                      "Lost or replaced legs that took their places in a session again.",
                      by_protocol<&ProtocolCounts::resumptions_total>},
    MetricDescription{"parley_messages_total", kCounter, "protocol", "Messages relayed.",
                      by_protocol<&ProtocolCounts::messages_total>},
    MetricDescription{"parley_bytes_total", kCounter, "protocol,direction",
                      "Bytes on the wire (relay: of frames, inside TLS); in: from clients, out: to clients.",
                      [](const Scrape& scrape, Samples& out) {
                        for (std::size_t i = 0; i < kProtocols; ++i) {
                          const std::string_view protocol = label(static_cast<Protocol>(i));
                          out.add({protocol, "in"}, scrape.counts.protocols[i].bytes_in_total);
                          out.add({protocol, "out"}, scrape.counts.protocols[i].bytes_out_total);
                        }
                      }},
    MetricDescription{"parley_dropped_bytes_total", kCounter, "protocol",
                      "Bytes received and not relayed: parts of a block or frame, and what nobody was there to take.",
                      by_protocol<&ProtocolCounts::dropped_bytes_total>},
    MetricDescription{"parley_relay_seconds", kHistogram, "protocol",
                      "From a message's last byte read to its last byte written.",
                      by_protocol<&ProtocolCounts::relay_seconds>},
    MetricDescription{"parley_buffered_bytes", kGauge, "", "Bytes held for clients and not yet sent.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.counts.buffered_bytes); }},

    MetricDescription{
        "parley_key_pool_keys", kGauge, "", "Classic keys ready to be taken.",
        [](const Scrape& scrape, Samples& out) { out.add({}, std::uint64_t{scrape.counts.key_pool.ready}); }},
    MetricDescription{
        "parley_key_pool_capacity", kGauge, "", "Classic keys that are kept ready at most; 0 without classic.",
        [](const Scrape& scrape, Samples& out) { out.add({}, std::uint64_t{scrape.counts.key_pool.capacity}); }},
    MetricDescription{
        "parley_key_pool_waiting", kGauge, "", "Connections that wait for a classic key.",
        [](const Scrape& scrape, Samples& out) { out.add({}, std::uint64_t{scrape.counts.key_pool.waiting}); }},
    MetricDescription{"parley_key_pool_wait_seconds", kHistogram, "", "How long connections waited for a classic key.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.counts.key_pool.wait_seconds); }},
    MetricDescription{
        "parley_worker_queue", kGauge, "", "Private-key operations that wait for a worker.",
        [](const Scrape& scrape, Samples& out) { out.add({}, std::uint64_t{scrape.counts.workers.queued}); }},
    MetricDescription{"parley_worker_seconds", kHistogram, "operation",
                      "Time of the workers; open: one batch of private-key operations, generate-key: one key.",
                      [](const Scrape& scrape, Samples& out) {
                        out.add({"open"}, scrape.counts.workers.open_seconds);
                        out.add({"generate-key"}, scrape.counts.workers.generate_key_seconds);
                      }},
    MetricDescription{"parley_worker_operations_total", kCounter, "", "Private-key operations done.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.counts.workers.operations_total); }},
    MetricDescription{"parley_worker_batches_total", kCounter, "",
                      "Batches that the private-key operations were done in.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.counts.workers.batches_total); }},
    MetricDescription{
        "parley_shard_loop_lag_seconds", kGauge, "shard",
        "By how much the shard's event loop was late when last measured, or for how long it has stood still.",
        [](const Scrape& scrape, Samples& out) {
          const auto& lags = scrape.counts.shard_loop_lag;
          for (std::size_t i = 0; i < lags.size(); ++i) out.add({std::to_string(i)}, lags[i].count());
        }},
    MetricDescription{"parley_certificate_expiry_timestamp_seconds", kGauge, "",
                      "When relay/1's certificate expires, in seconds since the epoch; not there with --self-signed.",
                      [](const Scrape& scrape, Samples& out) {
                        if (scrape.certificate && scrape.certificate->expires)
                          out.add({}, unix_seconds(*scrape.certificate->expires));
                      }},
    MetricDescription{"parley_reloads_total", kCounter, "result", "Reloads of the configuration.",
                      [](const Scrape& scrape, Samples& out) {
                        out.add({"ok"}, scrape.counts.reloads_total[0]);
                        out.add({"failed"}, scrape.counts.reloads_total[1]);
                      }},
    MetricDescription{
        "parley_last_reload_successful", kGauge, "", "1 when the newest reload went well, or there was none; else 0.",
        [](const Scrape& scrape, Samples& out) { out.add({}, scrape.counts.last_reload_ok ? 1.0 : 0.0); }},
    MetricDescription{
        "parley_last_reload_success_timestamp_seconds", kGauge, "",
        "When the newest reload that went well did, in seconds since the epoch; the start counts as one.",
        [](const Scrape& scrape, Samples& out) { out.add({}, unix_seconds(scrape.counts.last_good_reload)); }},
    MetricDescription{"parley_log_messages_total", kCounter, "level", "Log messages by level.",
                      [](const Scrape& scrape, Samples& out) {
                        for (std::size_t i = 0; i < scrape.log_messages.size(); ++i) {
                          out.add({kLogLevelNames[i]}, scrape.log_messages[i]);
                        }
                      }},
    MetricDescription{"parley_log_lines_lost_total", kCounter, "",
                      "Lines of the log that standard error has not taken.",
                      [](const Scrape& scrape, Samples& out) { out.add({}, scrape.log_lines_lost); }},

    MetricDescription{"process_cpu_seconds_total", kCounter, "", "User and system CPU time spent.",
                      of_process<&ProcessStatistics::cpu_seconds>},
    MetricDescription{"process_open_fds", kGauge, "", "Open file descriptors.",
                      of_process<&ProcessStatistics::open_fds>},
    MetricDescription{"process_max_fds", kGauge, "", "The limit on open file descriptors.",
                      of_process<&ProcessStatistics::max_fds>},
    MetricDescription{"process_resident_memory_bytes", kGauge, "", "Resident memory.",
                      of_process<&ProcessStatistics::resident_bytes>},
    MetricDescription{"process_virtual_memory_bytes", kGauge, "", "Virtual memory.",
                      of_process<&ProcessStatistics::virtual_bytes>},
    MetricDescription{"process_start_time_seconds", kGauge, "", "When the process started, in seconds since the epoch.",
                      of_process<&ProcessStatistics::start_time_seconds>},
    MetricDescription{"process_threads", kGauge, "", "Threads.", of_process<&ProcessStatistics::threads>},
};

}  // namespace

std::span<const MetricDescription> metric_table() { return kTable; }

}  // namespace parley
