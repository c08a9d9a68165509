#pragma once

#include "service/settings/settings.h"

namespace parley {

// How long a peer may be silent to the kernel's questions before it is gone, when the deadline for writing does not
// say.
constexpr milliseconds kGoneAfter{30'000};

// Has the kernel find out, within a third more than `write` (zero: kGoneAfter), that a connection's peer has vanished
// without a word: its machine, or the way to it, is gone. One that is idle is asked (keepalive), one that has been sent
// something must have acknowledged it (TCP_USER_TIMEOUT, tcp(7)) some seconds after `write`, so that a client that is
// there and takes nothing is found out by that deadline first; then every operation on the socket fails. With zero only
// idle connections are noticed: who may take nothing for ever may acknowledge nothing as well.
void notice_vanishing(int socket, milliseconds write);

// When an idle peer is asked for a sign of life, and how often again: in seconds. A time that has passed already when
// it is set has it asked at once.
struct KeepaliveTimes {
  int idle = 0;
  int interval = 0;
};
// Returns what they were before.
KeepaliveTimes exchange_keepalive_times(int socket, KeepaliveTimes times);

}  // namespace parley
