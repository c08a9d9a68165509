// Drives pairs through a relay over TLS 1.3, and measures the relay's CPU time and memory.
//
// Does what standard input says, a line each, and answers each with a line of JSON; ends at the input's end:
//   open PAIRS                     until there are so many
//   close                          all of them
//   idle                           waits until the relay is
//   memory                         once the relay is idle
//   turns SECONDS                  64 bytes to and fro in each pair
//   stream SECONDS                 full records one way in each pair
//   paced SECONDS MESSAGES_PER_S   64 bytes, due at even distances

#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/process.h"
#include "bench/relay_pairs.h"

namespace {

using namespace parley::bench;
using Microseconds = std::chrono::duration<double, std::micro>;
using Seconds = std::chrono::duration<double>;

// Until what a relay gives back by and by has been given back.
constexpr auto kSettling = std::chrono::seconds(2);

std::chrono::nanoseconds nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Seconds(seconds));
}

double percentile(const std::vector<std::chrono::nanoseconds>& sorted, double share) {
  if (sorted.empty()) return 0;
  return Microseconds(sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]).count();
}

// A relay may be several processes.
class Relay {
 public:
  explicit Relay(const std::vector<pid_t>& pids) : pids_(pids), clocks_(pids.begin(), pids.end()) {}

  std::chrono::nanoseconds cpu() const {
    std::chrono::nanoseconds sum{};
    for (const auto& clock : clocks_) sum += clock.now();
    return sum;
  }

  void wait_until_idle() const {
    for (const pid_t pid : pids_) parley::bench::wait_until_idle(pid);
  }

  std::size_t settled_memory() const {
    std::this_thread::sleep_for(kSettling);
    wait_until_idle();
    std::size_t sum = 0;
    for (const pid_t pid : pids_) sum += resident_bytes(pid);
    return sum;
  }

 private:
  std::vector<pid_t> pids_;
  std::vector<CpuClock> clocks_;
};

void print(Transfer transfer, std::chrono::nanoseconds relay_cpu, std::chrono::nanoseconds own_cpu) {
  std::ranges::sort(transfer.latencies);
  std::printf(
      "{\"messages\": %zu, \"bytes\": %zu, \"wall_s\": %.6f, \"relay_cpu_s\": %.6f, \"load_cpu_s\": %.6f, "
      "\"latency_us\": {\"p50\": %.1f, \"p99\": %.1f}}\n",
      transfer.messages, transfer.bytes, Seconds(transfer.wall).count(), Seconds(relay_cpu).count(),
      Seconds(own_cpu).count(), percentile(transfer.latencies, 0.50), percentile(transfer.latencies, 0.99));
}

Transfer opened(RelayPairs& pairs, std::size_t wanted) {
  const auto begin = std::chrono::steady_clock::now();
  pairs.open(wanted);
  Transfer transfer;
  transfer.wall = std::chrono::steady_clock::now() - begin;
  return transfer;
}

Transfer obey(RelayPairs& pairs, const std::string& command, double amount) {
  if (command == "open") return opened(pairs, static_cast<std::size_t>(amount));
  if (command == "turns") return pairs.turns(nanoseconds(amount));
  if (command == "stream") return pairs.stream(nanoseconds(amount));
  if (command == "paced") {
    double messages_per_s = 0;
    std::cin >> messages_per_s;
    return pairs.paced(nanoseconds(amount), messages_per_s);
  }
  throw std::runtime_error("no command " + command);
}

void serve(const RelayAddress& address, const Relay& relay) {
  // Messages are due at microseconds.
  prctl(PR_SET_TIMERSLACK, 1UL);
  RelayPairs pairs(address);
  const CpuClock own_cpu(getpid());
  std::string command;
  while (std::cin >> command) {
    if (command == "close") {
      pairs.close();
      std::printf("{}\n");
    } else if (command == "idle") {
      relay.wait_until_idle();
      std::printf("{}\n");
    } else if (command == "memory") {
      std::printf("{\"resident\": %zu}\n", relay.settled_memory());
    } else {
      double amount = 0;
      std::cin >> amount;
      const auto relay_before = relay.cpu();
      const auto own_before = own_cpu.now();
      Transfer transfer = obey(pairs, command, amount);
      const auto relay_used = relay.cpu() - relay_before;
      print(std::move(transfer), relay_used, own_cpu.now() - own_before);
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Pairs that talk through a relay over TLS 1.3");
  const std::map<std::string, Protocol> protocols = {
      {"relay/1", Protocol::relay1}, {"pairs", Protocol::pairs}, {"upstream", Protocol::upstream}};
  RelayAddress address;
  std::vector<pid_t> pids;
  app.add_option("--protocol", address.protocol, "What the relay speaks: relay/1, pairs or upstream")
      ->required()
      ->transform(CLI::CheckedTransformer(protocols));
  app.add_option("--port", address.port, "The relay's port on 127.0.0.1")->required();
  app.add_option("--relay-pid", pids, "The relay's processes, which are measured")->required();
  app.add_option("--upstream-port", address.upstream_port, "Where an upstream's relay connects to us");
  app.add_option("--cert", address.certificate, "As whom we answer there");
  app.add_option("--key", address.key);
  CLI11_PARSE(app, argc, argv);
  try {
    serve(address, Relay(pids));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "relay_load: %s\n", error.what());
    return 1;
  }
}
