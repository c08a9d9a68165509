#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli-client/base/clock.h"
#include "cli-client/engine/backoff.h"
#include "cli-client/engine/inbox.h"
#include "cli-client/engine/link.h"
#include "cli-client/engine/partner_stream.h"
#include "cli-client/engine/partner_watch.h"
#include "cli-client/engine/relay_channel.h"
#include "cli-client/engine/relay_watch.h"
#include "cli-client/net/connection.h"
#include "protocol/chat/conversation.h"

namespace parley::client {

// Where two clients meet.
struct Meeting {
  Endpoint relay;
  std::string room;
  std::optional<chat::Psk> key;       // of the inner TLS; without it the relay can read along
  std::optional<std::string> access;  // for a relay that asks for it
  std::optional<std::string> resume;  // the token of a place there that is to be taken back
};

// Limits on waiting; nullopt: none.
struct Patience {
  std::chrono::milliseconds connect{std::chrono::seconds(10)};  // for one connection
  std::optional<std::chrono::milliseconds> first;               // for the partner to come
  std::optional<std::chrono::milliseconds> again;               // for it, or for the relay, to come back
};

// What an engine has of the world, but for the time, which comes with each call.
struct World {
  Dial dial;
  Random random = random_below;
};

// Keeps a conversation going over whatever happens below: one connection after the other to the relay, its room, the
// inner TLS, and chat/1 over it, which is what makes each message arrive exactly once. Gives up only when that is of no
// use. Single-threaded: call advance() when wanted() or deadline() says so, and after having sent something.
class Engine {
 public:
  using Clock = client::Clock;
  using TimePoint = client::TimePoint;

  Engine(Meeting meeting, World world, Patience patience, chat::Conversation::Options options, TimePoint now);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  pollfd wanted() const;
  std::optional<TimePoint> deadline() const;
  // `events` are those that poll(2) has for wanted() at this time: without them a relay that has said something is
  // taken for silent.
  void advance(short events, TimePoint now);

  // To send, ask and finish; events come from next_event() only.
  chat::Conversation& conversation() { return conversation_; }
  const chat::Conversation& conversation() const { return conversation_; }
  // What has come, in order; a Message must be answered by taken() once it has been shown or stored.
  std::optional<chat::Event> next_event() { return inbox_.next(); }
  void taken(chat::MessageId id, TimePoint now);
  bool all_taken() const { return inbox_.all_taken(); }

  // Grows whenever there is something new for next_event(), link() or outcome().
  std::uint64_t news() const { return inbox_.count() + link_.changes; }

  const Link& link() const { return link_; }
  // Set when it is over and all events have been taken.
  const std::optional<Outcome>& outcome() const;
  // We go now, whatever the other side has; it is told, and by BYE if that is due. Ends soon.
  void leave(TimePoint now);
  // The program cannot go on, as what came is not to be taken or its own input or output has failed: we go without BYE.
  // The outcome says `why`, a sentence for the user, unless it was a failure before.
  void fail(std::string why, TimePoint now);
  // The user does not want to wait for the next attempt to connect. Without effect when none is waited for.
  void connect_now(TimePoint now);
  // As if the network had cut the connection to the relay: comes back at once, to the place that token() is for.
  // Without effect while there is no connection.
  void lose_connection(TimePoint now);

  // How the relay was reached the last time.
  const std::optional<Reached>& reached() const { return reached_; }
  std::optional<Pin> relay_pin() const { return reached_ ? std::optional(reached_->pin) : std::nullopt; }
  const std::string& session() const { return session_; }
  // To take our place back; nullopt while there is none, and when we have given it up.
  const std::optional<std::string>& token() const { return token_; }
  // The authentication string of this stream; empty while there is none.
  std::string verify_text() const { return stream_.verify_text(); }

 private:
  // The last moments: the relay and the partner are told, if they can be.
  struct Goodbye {
    TimePoint until;
    std::optional<Outcome> outcome{};  // nullopt: as the conversation has it
    TimePoint ends{};                  // however it goes on
    std::size_t undelivered = 0;       // when last looked at
  };
  struct ComeBack {
    std::chrono::seconds told{0};  // by the relay: no sooner
    bool at_once = false;          // the first time
  };

  void connect(TimePoint now);
  void on_open(TimePoint now);
  void take_frames(TimePoint now);
  void on_event(const relay::Waiting& waiting, TimePoint now);
  void on_event(const relay::Paired& paired, TimePoint now);
  void on_event(const Data& data, TimePoint now);
  void on_event(const relay::PeerLeft& left, TimePoint now);
  void on_event(const relay::Error& error, TimePoint now);
  void on_event(const relay::Goaway& goaway, TimePoint now);
  void expect_the_next_relay(std::chrono::milliseconds after, TimePoint now);
  void on_connection_end(TimePoint now);
  void on_stream_error(std::error_code error, TimePoint now);
  void on_wrong_secret(TimePoint now);
  void move_events(TimePoint now);

  bool reads() const;
  void write(TimePoint now);
  void flush();
  void watch(TimePoint now);
  void reconnect(std::string why, TimePoint now, ComeBack when);
  void stop_stream();
  void hang_up();
  void say_goodbye(TimePoint now, std::optional<Outcome> outcome = std::nullopt);
  bool goodbye_goes_on(TimePoint now);
  Outcome outcome_of_leaving() const;
  void end_without_partner(TimePoint now);
  void lose_patience(TimePoint now);
  std::optional<TimePoint> patience_ends() const;
  void end(Outcome outcome, TimePoint now);
  void set_state(Link::State state, TimePoint now);

  const Meeting meeting_;
  const Dial dial_;
  const Patience patience_;

  Link link_;
  std::optional<Outcome> outcome_;
  std::optional<Goodbye> goodbye_;
  Backoff backoff_;
  std::optional<Reached> reached_;
  std::optional<std::string> token_;  // the newest
  std::string session_;
  bool entered_ = false;           // the room, ever
  bool was_together_ = false;      // ever
  TimePoint apart_since_;          // not together since
  int wrong_secrets_ = 0;          // one after the other
  bool partner_left_ = false;      // for good, says the relay
  bool partner_was_lost_ = false;  // before that

  // One connection; of the channel there is one from when it is open.
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<RelayChannel> channel_;
  RelayWatch relay_watch_;
  TimePoint stable_at_;                                   // a connection that lasts until then was a success
  std::optional<std::chrono::milliseconds> return_wait_;  // of GOAWAY
  TimePoint often_until_{};                               // the next relay is about to be there, or elsewhere

  chat::Conversation conversation_;
  PartnerStream stream_;
  PartnerWatch partner_watch_;
  Inbox inbox_;
};

}  // namespace parley::client
