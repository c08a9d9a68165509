// Drives sessions through a relay that speaks the classic protocol, and measures the relay's CPU time.
//
// Connects, prints one line of JSON (memory before and after), then does what standard input says, a line of JSON for
// each: "turns SECONDS" or "duplex SECONDS". Ends at the input's end.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "bench/classic_pairs.h"
#include "bench/process.h"

namespace {

using parley::bench::Outcome;
using Microseconds = std::chrono::duration<double, std::micro>;
using Seconds = std::chrono::duration<double>;

double percentile(std::vector<std::chrono::nanoseconds>& sorted, double share) {
  if (sorted.empty()) return 0;
  return Microseconds(sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]).count();
}

void print(Outcome outcome, std::chrono::nanoseconds relay_cpu, std::chrono::nanoseconds own_cpu) {
  std::ranges::sort(outcome.latencies);
  std::printf(
      "{\"messages\": %zu, \"wall_s\": %.6f, \"relay_cpu_s\": %.6f, \"load_cpu_s\": %.6f, "
      "\"latency_us\": {\"p50\": %.1f, \"p99\": %.1f}}\n",
      outcome.messages, Seconds(outcome.wall).count(), Seconds(relay_cpu).count(), Seconds(own_cpu).count(),
      percentile(outcome.latencies, 0.50), percentile(outcome.latencies, 0.99));
  std::fflush(stdout);
}

void serve(std::uint16_t port, pid_t relay, std::size_t sessions, unsigned client_bits) {
  using namespace parley;
  bench::wait_until_idle(relay);
  const std::size_t before = bench::resident_bytes(relay);
  const auto client_key = classic::PrivateKey::generate(client_bits);
  bench::ClassicPairs load(port, sessions, client_key);
  bench::wait_until_idle(relay);
  std::printf("{\"resident_before\": %zu, \"resident_after\": %zu}\n", before, bench::resident_bytes(relay));
  std::fflush(stdout);

  const bench::CpuClock relay_cpu(relay);
  const bench::CpuClock own_cpu(getpid());
  std::string pattern;
  double seconds = 0;
  while (std::cin >> pattern >> seconds) {
    const auto relay_before = relay_cpu.now();
    const auto own_before = own_cpu.now();
    auto outcome = load.talk(pattern == "turns" ? bench::Pattern::turns : bench::Pattern::duplex,
                             std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds(seconds)));
    const auto relay_after = relay_cpu.now();
    const auto own_after = own_cpu.now();
    print(std::move(outcome), relay_after - relay_before, own_after - own_before);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sessions through a relay that speaks the classic protocol");
  std::uint16_t port = 0;
  pid_t relay = 0;
  std::size_t sessions = 32;
  unsigned client_bits = 2048;
  app.add_option("--port", port, "The relay's port on 127.0.0.1")->required();
  app.add_option("--relay-pid", relay, "The relay's process, whose CPU time is measured")->required();
  app.add_option("--sessions", sessions)->capture_default_str();
  app.add_option("--client-bits", client_bits)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    serve(port, relay, sessions, client_bits);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "classic_load: %s\n", error.what());
    return 1;
  }
}
