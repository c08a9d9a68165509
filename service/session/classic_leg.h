#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/classic/key_reader.h"
#include "protocol/classic/private_key.h"
#include "protocol/classic/public_key.h"
#include "service/access/admission.h"
#include "service/loop/byte_queue.h"
#include "service/loop/event.h"
#include "service/net/stream.h"
#include "service/rsa/key_pool.h"
#include "service/session/detached.h"
#include "service/session/leg.h"
#include "service/session/leg_writer.h"
#include "service/session/pacer.h"
#include "service/session/throttle.h"

namespace parley {

// What a ClassicLeg is, apart from its connection and its shard: plain values that can move.
struct ClassicState {
  LegInfo info;
  Admission::Place place;
  rsa::KeyPtr relay_key;  // what the client seals under
  // Called with the key when the leg ends and its client has said nothing. Once it has begun to send its own key a
  // block under this one may be on its way, be recorded, and never arrive: nobody else may be given what opens it.
  std::function<void(rsa::KeyPtr)> give_back_key;
  std::optional<classic::PublicKey> client_key;
  ByteQueue received;          // not yet opened; less than a block when nothing is under way
  bool line_end_seen = false;  // what may follow the key's END line has been dropped
  Pacer::Turn turn;
  std::uint64_t messages_in = 0, messages_out = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

// The classic protocol (docs/classic-protocol.md): a PEM key each way, then RSA blocks.
class ClassicLeg final : public Leg {
 public:
  using State = ClassicState;

  // How long a client is given to take what was sent after our side has been closed.
  static constexpr milliseconds kLinger{1000};
  // Blocks opened at once: what the workers do in one go.
  static constexpr std::size_t kBatch = 8;

  ClassicLeg(ShardContext& shard, std::unique_ptr<Stream> stream, ClassicState state);
  ~ClassicLeg() override;

  Protocol protocol() const override { return Protocol::classic; }
  const LegInfo& info() const override { return state_.info; }
  LegView view() const override;
  awaitable<std::optional<EndReason>> handshake() override;
  awaitable<std::optional<EndReason>> wait_for_partner() override;
  void partner_came() override;
  // Has the client left, whether or not wait_for_partner() has noticed?
  bool peer_gone() { return end_.has_value() || stream_->peer_gone(); }
  awaitable<tl::expected<Message, EndReason>> receive() override;
  void join(Event& room) override;
  void send(const Message& message) override;
  bool full() const override { return writer_.full() || rest_.is_set(); }
  std::optional<EndReason> end() const override { return end_; }
  void stop_receiving() override;
  awaitable<void> finish() override;
  awaitable<void> dismiss(EndReason reason) override;
  void send_away(EndReason reason) override { abort(reason); }
  void abort(EndReason reason) override;
  awaitable<void> wait_closed() override;
  void for_each(const Message& message, const std::function<void(std::span<const std::byte>)>& each) const override {
    each(message.bytes);
  }

  // Takes the leg off this shard, for another. Only between handshake() and the session.
  Detached<ClassicLeg> detach();

 private:
  static constexpr LegWriter::Manner kManner{Protocol::classic, EndReason::peer_reset, /*hold_to_limit=*/true};
  struct Batch;

  // One read of at most `most` bytes. Notes blocks; ends the leg when the peer has ended it.
  IoStatus read_some(std::size_t most);
  // Drops what is left of the key's line end, and takes note of a block that has come.
  void note_received();
  awaitable<std::optional<EndReason>> read_key();
  awaitable<void> open_blocks(std::size_t count);
  // Of one whose partner has come. The protocol has no question for a client: its kernel is asked.
  awaitable<void> await_sign_of_life();
  void start_phase(milliseconds limit, EndReason reason);
  // What sealing has cost goes off the budget of the client's address; once that is used up it rests.
  void pay_for_sealing(std::size_t blocks);
  void note_held() { buffered_.set(state_.received.size()); }

  // Constant after construction.
  ShardContext& shard_;
  std::unique_ptr<Stream> stream_;

  // Owned by the shard.
  ClassicState state_;
  std::optional<EndReason> end_;                           // why the leg has ended, once it has
  EndReason phase_reason_ = EndReason::handshake_timeout;  // when phase_ passes
  bool receiving_ = true;
  bool waiting_ = false;  // for a partner
  bool partner_came_ = false;
  bool socket_drained_ = false;   // the last read got less than it asked for: wait before the next
  Event woken_;                   // for who waits for something else than to read: time to look
  std::unique_ptr<Batch> batch_;  // blocks being opened, or opened and not yet received
  TimePoint read_at_{};
  Throttle throttle_;

  Event* room_ = nullptr;
  Deadline phase_;  // handshake, waiting, linger
  Deadline rest_;   // until a message may be sealed again
  Share buffered_;  // of the shard's buffered_bytes: what has been received
  Pacer pacer_;
  LegWriter writer_;
};

}  // namespace parley
