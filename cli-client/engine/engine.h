#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli-client/engine/backoff.h"
#include "cli-client/engine/inbox.h"
#include "cli-client/engine/link.h"
#include "cli-client/engine/relay_channel.h"
#include "cli-client/net/connection.h"
#include "cli-client/net/trust.h"
#include "protocol/chat/conversation.h"
#include "protocol/chat/inner_tls.h"

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

// Keeps a conversation going over whatever happens below: one connection after the other to the relay, its room, the
// inner TLS, and chat/1 over it, which is what makes each message arrive exactly once. Gives up only when that is of no
// use. Single-threaded: call advance() when wanted() or deadline() says so, and after having sent something.
class Engine {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  // `trust` is kept by reference.
  Engine(Meeting meeting, const Trust& trust, Patience patience, chat::Conversation::Options options, TimePoint now);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  pollfd wanted() const;
  std::optional<TimePoint> deadline() const;
  void advance(short events, TimePoint now);

  // To send, ask and finish; events come from next_event() only.
  chat::Conversation& conversation() { return conversation_; }
  // What has come, in order; a Message must be answered by taken() once it has been shown or stored.
  std::optional<chat::Event> next_event();
  void taken(chat::MessageId id, TimePoint now);

  // Grows whenever there is something new for next_event(), link() or outcome().
  std::uint64_t news() const { return inbox_.count() + link_.changes; }

  const Link& link() const { return link_; }
  // Set when it is over and all events have been taken.
  const std::optional<Outcome>& outcome() const;
  // We go now, whatever the other side has; it is told. Ends soon.
  void leave(TimePoint now);

  // The relay as it was found: its pin once it was verified.
  const std::optional<Pin>& relay_pin() const { return relay_pin_; }
  const std::string& session() const { return session_; }
  // To take our place back; nullopt while there is none, and when we have given it up.
  const std::optional<std::string>& token() const { return token_; }
  const Connection* connection() const { return connection_.get(); }
  // The authentication string of this stream; empty while there is none.
  std::string verify_text() const;

 private:
  void connect(TimePoint now);
  void on_open(TimePoint now);
  void take_frames(TimePoint now);
  void on_event(const relay::Waiting& waiting, TimePoint now);
  void on_event(const relay::Paired& paired, TimePoint now);
  void on_event(const Data& data, TimePoint now);
  void on_event(const relay::PeerLeft& left, TimePoint now);
  void on_event(const relay::Error& error, TimePoint now);
  void on_event(const relay::Goaway& goaway, TimePoint now);
  void on_connection_end(TimePoint now);
  void on_inner_error(std::error_code error, TimePoint now);
  void on_chat_error(std::error_code error, TimePoint now);

  void move_events();
  void write(TimePoint now);
  void watch_the_path(TimePoint now);
  void reconnect(std::string why, std::chrono::milliseconds wait, TimePoint now);
  void drop_stream();
  void say_goodbye(TimePoint now, std::optional<Outcome> farewell = std::nullopt);
  void end_without_partner(TimePoint now);
  void end(Outcome outcome);
  void set_state(Link::State state);
  std::string given_up_text(TimePoint now) const;
  std::optional<TimePoint> patience_ends() const;

  const Meeting meeting_;
  const Trust& trust_;
  const Patience patience_;

  Link link_;
  std::optional<Outcome> outcome_;
  Backoff backoff_;
  std::optional<Pin> relay_pin_;
  std::optional<std::string> token_;  // the newest
  bool entered_ = false;              // the room, ever
  std::string session_;
  TimePoint apart_since_;                                 // not together since
  bool was_together_ = false;                             // ever
  int wrong_secrets_ = 0;                                 // one after the other
  std::optional<std::chrono::milliseconds> return_wait_;  // of GOAWAY
  bool partner_left_ = false;                             // for good, says the relay
  bool partner_was_lost_ = false;                         // before that
  std::optional<TimePoint> goodbye_deadline_;
  std::optional<Outcome> farewell_;  // what it will have been, once goodbye is said

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<RelayChannel> channel_;
  std::optional<TimePoint> pinged_at_;
  TimePoint stable_at_;  // a connection that lasts until then was a success

  std::unique_ptr<chat::InnerTls> inner_;
  std::chrono::seconds stall_;
  std::optional<TimePoint> stalls_at_;  // without progress until then the stream is given up
  Bytes plaintext_;
  chat::Conversation conversation_;
  Inbox inbox_;
};

}  // namespace parley::client
