#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"
#include "protocol/relay/resume_token.h"
#include "service/access/admission.h"
#include "service/loop/byte_queue.h"
#include "service/loop/event.h"
#include "service/net/stream.h"
#include "service/session/detached.h"
#include "service/session/leg.h"
#include "service/session/leg_writer.h"
#include "service/session/throttle.h"

namespace parley {

// What a RelayLeg is, apart from its connection and its shard: plain values that can move.
struct RelayState {
  LegInfo info;
  Admission::Place place;
  std::shared_ptr<const Credentials> credentials;
  std::optional<relay::Hello> hello = {};  // once it has come
  ByteQueue partial = {};                  // the beginning of a frame
  std::uint64_t messages_in = 0, messages_out = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;  // of frames
};

// What a client is told of its session.
struct SessionPlace {
  relay::SessionName name{};
  relay::Role role{};
  bool resumed = false;
  milliseconds grace{};
};

// relay/1 (docs/relay-protocol.md): frames inside TLS. A message is a DATA frame, passed on as it came.
class RelayLeg final : public Leg {
 public:
  using State = RelayState;

  // How long a client is given to take what was sent after our side has been closed.
  static constexpr milliseconds kLinger{1000};
  // A token is good for this long after the relay has ended, or elsewhere. A session may well last longer.
  static constexpr std::chrono::hours kTokenLifetime{7 * 24};
  // Bytes of PONGs that may wait to be taken. A client that sends more PINGs and does not read is not read either.
  static constexpr std::size_t kMostAnswers = 4096;
  // Taken of a client at a time, however short they are: messages, and other frames, as many as PINGs whose PONGs go
  // out together.
  static constexpr std::size_t kMessagesPerTurn = 1024;
  static constexpr std::size_t kOtherFramesPerTurn = kMostAnswers / (relay::kHeaderBytes + relay::kPingBytes);

  // `stream`: not yet greeted, unless HELLO has come.
  RelayLeg(ShardContext& shard, std::unique_ptr<Stream> stream, RelayState state);

  // Once it has come.
  const relay::Hello& hello() const { return *state_.hello; }
  const Credentials& credentials() const { return *state_.credentials; }
  // Said in the room, with a place in a session that is to be, or (resumed) that is known from its token.
  void waiting(const relay::SessionName& name, relay::Place place);

  Protocol protocol() const override { return Protocol::relay; }
  const LegInfo& info() const override { return state_.info; }
  LegView view() const override;
  // TLS, then HELLO.
  awaitable<std::optional<EndReason>> handshake() override;
  awaitable<std::optional<EndReason>> wait_for_partner() override;
  void partner_came() override;
  void join(Event& room) override { writer_.join(room); }
  awaitable<tl::expected<Message, EndReason>> receive() override;
  void send(const Message& message) override;
  bool full() const override { return writer_.full(); }
  std::optional<EndReason> end() const override { return end_; }
  void stop_receiving() override;
  awaitable<void> finish() override;
  awaitable<void> dismiss(EndReason reason) override;
  void send_away(EndReason reason) override;
  void abort(EndReason reason) override;
  awaitable<void> wait_closed() override;
  void for_each(const Message& message, const std::function<void(std::span<const std::byte>)>& each) const override;

  // When the client last showed that it is there.
  TimePoint heard_at() const { return read_at_; }
  // Queued behind what is queued: what happens to the session, and the last words before finish().
  void paired(const SessionPlace& place);
  void waiting_again(const SessionPlace& place, milliseconds expires);
  void partner_left(relay::Departure departure, milliseconds grace);
  void go_away(milliseconds reconnect_after);
  void say_why(EndReason reason);
  // send_away() after that time, unless the leg ends before. While it waits for a partner.
  void send_away_after(milliseconds time, EndReason reason);

  // Takes the leg off this shard, for another. Only between handshake() and the session.
  Detached<RelayLeg> detach();

 private:
  static constexpr LegWriter::Manner kManner{Protocol::relay, EndReason::lost, /*hold_to_limit=*/false};

  // Whether the client is not to be read now: it has sent faster than it may, or does not take its answers.
  bool held_back() const {
    return answers_untaken() || (shard_.limits.throttle() && shard_.now() < throttle_.open_at(shard_.limits));
  }
  bool answers_untaken() const { return answers_ > kMostAnswers && writer_.times_emptied() == answers_begun_; }
  bool must_wait() const { return turn_over_ || held_back(); }
  // Returns when that may have changed; else when there is something to read, and the others have had their turn.
  awaitable<void> wait_to_read();
  void stop_waiting_to_read();
  // Reads once, and takes the control frames out. What is left, DATA frames to be passed on, is at the front of the
  // shard's buffer. Nothing read: waits first the next time.
  std::span<std::byte> read_frames(std::size_t& messages);
  // One frame that is not DATA, or is DATA that may not be passed on. PONGs are gathered in `pongs`.
  void take(const relay::Frame& frame, std::string& pongs);
  void answer(std::string& pongs);
  void take_hello(const relay::Frame& frame);
  // The client has done wrong, or left: nothing more is read from it.
  void fail(EndReason reason, std::string_view message);
  std::string token(const relay::SessionName& name, relay::Place place) const;
  void send_control(std::string_view frame);
  std::size_t batch_bytes() const;
  void start_phase(milliseconds limit, EndReason reason);
  void note_held() { buffered_.set(state_.partial.size()); }

  // Constant after construction.
  ShardContext& shard_;
  std::unique_ptr<Stream> stream_;

  // Owned by the shard.
  RelayState state_;
  relay::Phase phase_;
  std::optional<EndReason> end_;     // why the leg has ended, once it has
  std::optional<EndReason> failed_;  // why nothing more is read, though something may still be sent
  EndReason phase_reason_ = EndReason::handshake_timeout;  // when deadline_ passes
  bool receiving_ = true;
  bool greeted_;               // TLS is there
  bool partner_came_ = false;  // and this client has been asked whether it is there
  bool alive_ = false;         // it has answered
  bool partner_lost_ = false;
  bool said_why_ = false;
  bool turn_over_ = false;   // has been read, and not waited since: a shard is not one client's alone
  bool drained_;             // another read would find nothing: wait before it
  bool kept_back_;           // what is in `partial` may be whole frames, which wait until the client may be read
  std::size_t answers_ = 0;  // bytes of PONGs, since nothing was held:
  std::uint32_t answers_begun_ = 0;  // so often had the writer been emptied then
  Throttle throttle_;
  Event woken_;           // for who waits for something else than to read: time to look
  std::size_t owed_ = 0;  // READYs that are to come before DATA counts again
  TimePoint read_at_{};

  Deadline deadline_;  // handshake, HELLO, waiting, linger
  Share buffered_;     // of the shard's buffered_bytes: what has been read of a frame
  LegWriter writer_;
};

}  // namespace parley
