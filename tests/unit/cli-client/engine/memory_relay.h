#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/cli-client/engine/memory_wire.h"

namespace parley::client {

// A relay with one room, in memory: pairs two clients, keeps the place of one whose connection is gone, takes it back
// by its token, and lets nothing of an old stream run into a new one. As docs/relay-protocol.md has it, without limits.
class MemoryRelay {
 public:
  std::string session = "session";  // its id, at the next meeting
  bool forget_lost = false;         // the token of a place that is lost

  // Kept by reference.
  Dial dial() { return over_memory(wires_); }

  // Does what there is to do; true when that was something.
  bool advance();
  // Cuts the connection of one of the two, if there is one.
  void cut(unsigned place);
  // Forgets all, as a relay that was started again without token keys.
  void restart();
  // Tells both to come back after this long.
  void go_away(std::chrono::milliseconds after);

 private:
  struct Place {
    std::shared_ptr<Wire> wire;  // nullptr: lost
    std::string token;           // empty: nobody's
    int unready = 0;             // READY that are to come
  };

  Place* place_of(const std::shared_ptr<Wire>& wire);
  void on_frame(const std::shared_ptr<Wire>& wire, const Wire::Frame& frame);
  void on_hello(const std::shared_ptr<Wire>& wire, const relay::Hello& hello);
  void meet(bool resumed);
  void lose(Place& place);
  void over(Place& left);
  static void refuse(Wire& wire, relay::ErrorCode code);
  std::string new_token() { return "token-" + std::to_string(++tokens_); }

  std::vector<std::shared_ptr<Wire>> wires_;
  std::array<Place, 2> places_;
  bool met_ = false;
  int tokens_ = 0;
};

}  // namespace parley::client
