#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/relay/resume_token.h"
#include "service/pairing/recent_names.h"
#include "service/session/detached.h"
#include "service/view/end_reason.h"
#include "service/view/ids.h"

namespace parley {

class RelayLeg;
class RelayMeetingPoint;

// The part of the lobby that pairs by room, for relay/1: who waits where, and which rooms sessions hold. Shared by all
// shards and asked a few times a connection, never per message. Thread-safe.
class Rooms {
 public:
  // Ended sessions that are remembered, so that their tokens are refused. Beyond it the oldest are forgotten, and their
  // tokens lead to waiting for a partner who will not come.
  static constexpr std::size_t kMostEnded = RecentNames::kMost;

  // A leg, and the shard on which it is to be met.
  struct Ticket {
    RelayMeetingPoint* at = nullptr;
    LegId leg;
  };

  struct Arrival {
    Ticket ticket;
    std::string room;
    std::string address_key;
    std::optional<relay::ResumeToken> token;  // verified
    relay::SessionName fresh_name{};          // for the session to be, should this one wait
    bool token_expired = false;               // it is good only while its session, or who waits, is here
  };

  enum class Kind : std::uint8_t {
    wait,     // nobody is there: this one waits, under `name`
    replace,  // as wait, in the place of `other`, which is to be ended
    meet,     // with `other`, who waited and does no longer. The room is the session's from now on
    rejoin,   // the session `name` at `other`.at, where `other`.leg once waited; it may still be about to begin
    refuse,
  };
  struct Answer {
    Kind kind{};
    Ticket other = {};
    relay::SessionName name{};
    relay::Place place = relay::Place::waiting;  // of the one who arrives: with wait, what its token is to say
    EndReason why{};                             // with refuse
  };

  // Rooms in use at once, 0 for any number. One counts for the address that it was opened from until it is free, so
  // for as long as a place is held in it too.
  struct Bounds {
    std::size_t in_all = 0;
    std::size_t per_address = 0;
  };
  Answer enter(const Arrival& arrival, Bounds most);

  // A waiting leg goes. False: its partner is on its way already.
  bool leave(const std::string& room, LegId leg);
  // A meeting did not come about, since who waited had gone: the room is free.
  void forget(const std::string& room, const relay::SessionName& name);
  // Nobody waits at `ticket`, and no session is there, whatever enter() has said: it will not say so again.
  void forget(const std::string& room, const Ticket& ticket);
  // The session is over: its room is free, and its tokens are not good any more.
  void end(const std::string& room, const relay::SessionName& name);
  // Whether a place of the session is held for a lost leg. So it is taken to be until the first call, while the two
  // meet: should who waited be gone, the room is free again.
  void set_held(const std::string& room, const relay::SessionName& name, bool held);

  std::size_t waiting() const;

 private:
  using ByAddress = std::unordered_map<std::string, std::size_t>;
  struct Room {
    ByAddress::value_type* opened_from = nullptr;  // references into such a map stay good
    relay::SessionName name{};
    Ticket ticket;                              // the leg that waits, or where the session is
    std::optional<relay::Place> waiting_place;  // while somebody waits: which place it has
    bool held = false;                          // others are to try again
  };
  bool is_session(const std::string& room, const relay::SessionName& name) const;
  void release(std::unordered_map<std::string, Room>::iterator room);
  static Answer wait_in(Room& room, const Arrival& arrival);
  Answer enter_waiting(Room& room, const Arrival& arrival);
  static Answer enter_session(const Room& room, const Arrival& arrival);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Room> rooms_;
  ByAddress rooms_by_address_;
  std::size_t waiting_ = 0;
  RecentNames ended_;
};

// A shard as others see it that have somebody for one who waits, or for a session, there. Any thread may call.
class RelayMeetingPoint {
 public:
  // `answer`: what Rooms has said of the arrival, meet or rejoin.
  virtual void enter(const Rooms::Answer& answer, Detached<RelayLeg> arrival) = 0;
  // Who waits there has been replaced.
  virtual void replace_waiting(LegId waiting) = 0;

 protected:
  ~RelayMeetingPoint() = default;
};

}  // namespace parley
