#include "service/net/vanishing.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace parley {

namespace {

constexpr milliseconds::rep kMostProbeSeconds = 32'767;  // the kernel's, as is the unit
constexpr int kProbes = 3;
// The kernel begins to count before the deadline for writing does, with what it was given earlier.
constexpr milliseconds kBeyondWrite{8'000};

void set_option(int socket, int level, int name, milliseconds::rep value) {
  const int number = static_cast<int>(value);
  ::setsockopt(socket, level, name, &number, sizeof number);
}

int get_option(int socket, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  ::getsockopt(socket, IPPROTO_TCP, name, &value, &length);
  return value;
}

int probe_seconds(milliseconds time) {
  return static_cast<int>(
      std::clamp(std::chrono::ceil<std::chrono::seconds>(time).count(), milliseconds::rep{1}, kMostProbeSeconds));
}

}  // namespace

void notice_vanishing(int socket, milliseconds write) {
  const milliseconds gone_after = write.count() > 0 ? write : kGoneAfter;
  const milliseconds unacknowledged = write.count() > 0 ? write + kBeyondWrite : milliseconds{0};
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged.count());
  // The first question after half of the time, and kProbes more: what is lost of them is made good.
  exchange_keepalive_times(socket, {probe_seconds(gone_after / 2), probe_seconds(gone_after / 2 / kProbes)});
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

KeepaliveTimes exchange_keepalive_times(int socket, KeepaliveTimes times) {
  const KeepaliveTimes before{get_option(socket, TCP_KEEPIDLE), get_option(socket, TCP_KEEPINTVL)};
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, times.interval);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, times.idle);
  return before;
}

}  // namespace parley
