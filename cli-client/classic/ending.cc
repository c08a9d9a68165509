#include "cli-client/classic/ending.h"

#include <cstdlib>

namespace parley::client {
namespace {

// What to do about a port that does not speak the classic protocol: `otherwise`, unless the port tells more.
std::string advice(const std::string& relay, const char* otherwise) {
  const bool is_for_tls = relay.ends_with(":10443") || relay.ends_with(":443");
  return is_for_tls ? "that is a port for TLS: use parley chat there, or classic on its own port, 10000" : otherwise;
}

}  // namespace

EndingReport report(Ending ending, const std::string& relay, unsigned key_bits) {
  switch (ending) {
    case Ending::left:
      return {ExitStatus::done, "you left"};
    case Ending::other_left:
      return {ExitStatus::done, "the other side left"};
    case Ending::ended_unheard:
      return {ExitStatus::done,
              "the conversation ended: the other side left without writing, or nobody came while the relay "
              "was willing to wait"};
    case Ending::unsent:
      return {ExitStatus::failed, "the connection ended before everything was sent"};
    case Ending::nobody_came:
      return {ExitStatus::failed, "nobody wrote within the time of --wait; what was sent may not have arrived"};
    case Ending::no_key:
      return {ExitStatus::no_connection, relay +
                                             " takes connections but sent no key in time: it does not look like a "
                                             "relay of the classic protocol; " +
                                             advice(relay, "check the host and the port")};
    case Ending::not_a_relay:
      return {ExitStatus::no_connection, relay +
                                             " answered with something other than a relay's key: it is not a relay of "
                                             "the classic protocol; " +
                                             advice(relay, "check the host and the port")};
    case Ending::speaks_tls:
      return {
          ExitStatus::no_connection,
          relay + " speaks TLS, and not the classic protocol: if it is a relay's port for relay/1, use parley chat"};
    case Ending::closed_before_key:
      return {ExitStatus::refused, relay + " closed the connection before it sent its key: " +
                                       advice(relay,
                                              "the relay may be full or shutting down, or it refuses this address; try "
                                              "again later")};
    case Ending::closed_after_key:
      return {ExitStatus::refused, relay +
                                       " closed the connection as soon as the keys were exchanged: it may refuse "
                                       "our key (" +
                                       std::to_string(key_bits) +
                                       " bits; see --key-bits), or the other side left at once"};
    case Ending::reset_unheard:
      return {ExitStatus::failed,
              "the relay cut the connection without a word from the other side: nobody came while it was willing to "
              "wait, or it was stopped; what was sent may not have arrived"};
    case Ending::reset:
      return {ExitStatus::failed, "the connection was cut off; what was sent last may not have arrived"};
    case Ending::cut_short:
      return {ExitStatus::failed, "the connection ended within a message"};
    case Ending::bad_block:
      return {ExitStatus::failed, relay +
                                      " sent something that is not a message under our key; the connection was "
                                      "given up"};
  }
  std::abort();
}

}  // namespace parley::client
