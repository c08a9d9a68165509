#include "service/session/counters.h"

namespace parley {

namespace {

template <std::size_t N>
void add(std::array<std::uint64_t, N>& sum, const std::array<Counter, N>& counters) {
  for (std::size_t i = 0; i < N; ++i) sum[i] += counters[i].get();
}

}  // namespace

void ProtocolCounters::note_pairing(std::chrono::nanoseconds wait) {
  pairing_wait_seconds.observe(wait);
  pairing_wait_seconds.observe(std::chrono::nanoseconds{0});
}

void ProtocolCounters::add_to(ProtocolCounts& sum) const {
  sum.connections_total += connections_total.get();
  sum.sessions_total += sessions_total.get();
  add(sum.sessions, sessions);
  add(sum.refused_total, refused_total);
  add(sum.session_ends_total, session_ends_total);
  add(sum.leg_ends_total, leg_ends_total);
  sum.messages_total += messages_total.get();
  sum.bytes_in_total += bytes_in_total.get();
  sum.bytes_out_total += bytes_out_total.get();
  sum.resumptions_total += resumptions_total.get();
  sum.dropped_bytes_total += dropped_bytes_total.get();
  sum.handshake_seconds += handshake_seconds.snapshot();
  sum.pairing_wait_seconds += pairing_wait_seconds.snapshot();
  sum.session_seconds += session_seconds.snapshot();
  sum.relay_seconds += relay_seconds.snapshot();
}

}  // namespace parley
