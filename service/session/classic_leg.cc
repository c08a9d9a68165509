#include "service/session/classic_leg.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cassert>
#include <utility>

namespace parley {

namespace {

constexpr std::size_t kReadBytes = 8192;
// How often a waiting leg whose buffer is full, and which is therefore not read, is asked whether it is still there.
constexpr milliseconds kProbe{1000};
// A sign of life since then is one.
constexpr milliseconds kLately{1000};
// How often an answer is looked for: at first as it may come from nearby.
constexpr milliseconds kFirstLook{2};
constexpr milliseconds kLastLook{100};

}  // namespace

// Up to kBatch blocks on their way through the workers, then the messages that came out of them. Made when
// blocks have come and destroyed when the last message has been received: an idle leg has none.
struct ClassicLeg::Batch final : rsa::OpenJob {
  Batch(asio::io_context& io_context, std::size_t block_bytes, std::size_t count)
      : io(io_context), storage(block_bytes * count), blocks(count) {}
  ~Batch() { OPENSSL_cleanse(storage.data(), storage.size()); }

  void done() override {
    asio::post(io, [this] { finished_event.notify(); });
  }

  asio::io_context& io;
  Event finished_event;
  std::vector<std::byte> storage;
  std::vector<rsa::Opening> blocks;
  std::size_t next = 0;  // the next to be received
  TimePoint read_at;
};

ClassicLeg::ClassicLeg(ShardContext& shard, std::unique_ptr<Stream> stream, ClassicState state)
    : shard_(shard),
      stream_(std::move(stream)),
      state_(std::move(state)),
      phase_(shard.wheel, [this] { abort(phase_reason_); }),
      rest_(shard.wheel, [this] { room_->notify(); }),
      buffered_(shard.counters.buffered_bytes),
      pacer_(shard, state_.turn, [this] { writer_.flush(); }),
      writer_(
          shard, kManner, *stream_, woken_, state_.bytes_out, [this](EndReason reason) { abort(reason); }, &pacer_) {
  if (state_.client_key) pacer_.start(*state_.client_key);
}

ClassicLeg::~ClassicLeg() {
  if (state_.relay_key && state_.bytes_in == 0 && state_.give_back_key)
    state_.give_back_key(std::move(state_.relay_key));
}

LegView ClassicLeg::view() const {
  return {.id = state_.info.id,
          .address = state_.info.address,
          .connected = state_.info.connected,
          .messages_in = state_.messages_in,
          .messages_out = state_.messages_out,
          .bytes_in = state_.bytes_in,
          .bytes_out = state_.bytes_out,
          .buffered_bytes = writer_.held(),
          .rsa_bits = state_.client_key ? state_.client_key->bits() : 0,
          .round_trip = stream_->round_trip()};
}

void ClassicLeg::start_phase(milliseconds limit, EndReason reason) {
  phase_reason_ = reason;
  set_deadline(shard_, phase_, limit);
}

IoStatus ClassicLeg::read_some(std::size_t most) {
  std::array<std::byte, kReadBytes> buffer;
  const std::size_t want = std::min(most, buffer.size());
  const IoResult result = stream_->read_some(std::span(buffer).first(want));
  socket_drained_ = result.bytes < want;
  switch (result.status) {
    case IoStatus::ok:
      break;
    case IoStatus::would_block:
      return result.status;
    case IoStatus::closed:
      abort(EndReason::peer_closed);
      return result.status;
    case IoStatus::failed:
      abort(EndReason::peer_reset);
      return result.status;
  }
  read_at_ = shard_.now();
  state_.bytes_in += result.bytes;
  shard_.counters.of(Protocol::classic).bytes_in_total.add(result.bytes);
  state_.received.append(std::span(buffer).first(result.bytes));
  if (state_.client_key) note_received();
  note_held();
  return result.status;
}

void ClassicLeg::note_received() {
  const auto front = state_.received.front();
  if (!state_.line_end_seen) {
    if (front.empty() || (front.size() == 1 && front[0] == std::byte{'\r'})) return;
    state_.received.drop_front(classic::KeyReader::line_end_bytes(front));
    state_.line_end_seen = true;
  }
  if (state_.received.size() >= state_.relay_key->block_bytes()) {
    pacer_.take_turn();
    writer_.flush();
  }
}

awaitable<std::optional<EndReason>> ClassicLeg::read_key() {
  classic::KeyReader reader;
  while (!end_) {
    const IoStatus status = read_some(classic::kMaxKeyBytes);
    if (status == IoStatus::would_block) co_await stream_->wait(Stream::Ready::read);
    if (status != IoStatus::ok) continue;
    state_.received.drop_front(reader.feed(state_.received.front()));
    if (reader.status() == classic::KeyReader::Status::need_more) continue;
    if (reader.status() == classic::KeyReader::Status::too_long) co_return EndReason::bad_key;
    auto key = classic::PublicKey::from_pem(reader.pem(), shard_.classic.min_client_bits);
    if (!key) co_return EndReason::bad_key;
    state_.client_key = std::move(*key);
    pacer_.start(*state_.client_key);
    co_return std::nullopt;
  }
  co_return end_;
}

awaitable<std::optional<EndReason>> ClassicLeg::handshake() {
  if (shard_.deadlines.handshake.count() > 0) {
    phase_reason_ = EndReason::handshake_timeout;
    phase_.set(state_.info.connected_at + shard_.deadlines.handshake);
  }
  const auto pem = std::as_bytes(std::span(state_.relay_key->public_pem()));
  std::ranges::copy(pem, writer_.extend(pem.size()).begin());
  writer_.flush();
  co_await writer_.wait_sent();
  co_await writer_.wait_idle();
  if (const auto ended = co_await read_key()) {
    abort(*ended);
    co_return ended;
  }
  // Counted from here, as many clients send their key, which may take long to make, before they read ours.
  pacer_.restart_time();
  phase_.clear();
  note_received();
  co_return std::nullopt;
}

awaitable<std::optional<EndReason>> ClassicLeg::wait_for_partner() {
  start_phase(shard_.deadlines.wait, EndReason::waited_too_long);
  waiting_ = true;
  Deadline probe(shard_.wheel, [this] { woken_.notify(); });
  while (!end_ && !partner_came_) {
    const std::size_t held = state_.received.size();
    const std::size_t limit = shard_.limits.buffer_limit;
    if (held < limit || limit == 0) {
      if (socket_drained_) co_await stream_->wait(Stream::Ready::read);
      if (!end_ && !partner_came_) read_some(limit == 0 ? kReadBytes : limit - held);
    } else {
      if (stream_->peer_gone()) abort(EndReason::peer_closed);
      probe.set(shard_.now() + kProbe);
      if (!end_) co_await woken_.wait();
    }
  }
  if (!end_) co_await await_sign_of_life();
  phase_.clear();
  co_return end_;
}

awaitable<void> ClassicLeg::await_sign_of_life() {
  const auto silent_too_long = [this] { return stream_->silent_for().value_or(kLately) > kLately; };
  if (!silent_too_long()) co_return;
  start_phase(kSignOfLifeWithin, EndReason::lost);
  stream_->ask_for_life(true);
  for (milliseconds pause = kFirstLook; !end_ && silent_too_long(); pause = std::min(2 * pause, kLastLook)) {
    co_await wait_until(shard_.wheel, shard_.now() + pause, woken_);
    if (!end_ && stream_->peer_gone()) abort(EndReason::peer_closed);
  }
  stream_->ask_for_life(false);
}

void ClassicLeg::partner_came() {
  partner_came_ = true;
  waiting_ = false;
  stream_->cancel();
  woken_.notify();
}

awaitable<tl::expected<Message, EndReason>> ClassicLeg::receive() {
  const std::size_t block_bytes = state_.relay_key->block_bytes();
  for (;;) {
    if (batch_ && batch_->next < batch_->blocks.size()) {
      // What a message costs to seal is the partner's choice: one at a turn.
      if (batch_->next > 0) co_await shard_.turns.wait(state_.info.address_key);
      const rsa::Opening& opened = batch_->blocks[batch_->next++];
      if (!opened.in_range) {
        abort(EndReason::bad_block);
        co_return tl::unexpected(EndReason::bad_block);
      }
      ++state_.messages_in;
      co_return Message{opened.message.first(opened.message_bytes), batch_->read_at};
    }
    batch_.reset();
    if (state_.received.size() >= block_bytes && receiving_) {
      std::size_t count = std::min(state_.received.size() / block_bytes, kBatch);
      // What a client that has gone has left behind is passed on at once: it gets no more.
      if (shard_.limits.throttle() && !end_) {
        const TimePoint open_at = throttle_.open_at(shard_.limits);
        if (shard_.now() < open_at) {
          co_await wait_until(shard_.wheel, open_at, woken_);
          continue;
        }
        count = std::min(count, throttle_.messages(shard_.limits, shard_.now()));
        throttle_.spend(shard_.limits, count, count * block_bytes, shard_.now());
      }
      co_await open_blocks(count);
      continue;
    }
    if (end_ || !receiving_) break;
    if (socket_drained_) co_await stream_->wait(Stream::Ready::read);
    if (!end_ && receiving_) read_some(kBatch * block_bytes - state_.received.size());
  }
  // Part of a block, or what nobody is left to take.
  shard_.counters.of(Protocol::classic).dropped_bytes_total.add(state_.received.size());
  state_.received.clear();
  note_held();
  co_return tl::unexpected(end_.value_or(EndReason::peer_closed));
}

awaitable<void> ClassicLeg::open_blocks(std::size_t count) {
  const std::size_t block_bytes = state_.relay_key->block_bytes();
  batch_ = std::make_unique<Batch>(shard_.io, block_bytes, count);
  batch_->read_at = read_at_;
  for (std::size_t i = 0; i < count; ++i) {
    rsa::Opening& opening = batch_->blocks[i];
    opening.key = state_.relay_key.get();
    opening.block = state_.received.front().subspan(i * block_bytes, block_bytes);
    opening.message = std::span(batch_->storage).subspan(i * block_bytes, block_bytes);
  }
  batch_->openings = batch_->blocks;
  shard_.submit(*batch_);
  co_await batch_->finished_event.wait();
  state_.received.drop_front(count * block_bytes);
  note_held();
}

void ClassicLeg::join(Event& room) {
  room_ = &room;
  writer_.join(room);
}

void ClassicLeg::send(const Message& message) {
  if (end_) return;
  const classic::PublicKey& key = *state_.client_key;
  auto rest = message.bytes;
  std::size_t blocks = 0;
  do {
    rest = rest.subspan(key.seal_front(rest, writer_.extend(key.block_bytes())));
    ++blocks;
  } while (!rest.empty());
  pay_for_sealing(blocks);
  writer_.end_message(message.read_at);
  ++state_.messages_out;
  writer_.flush();
}

void ClassicLeg::pay_for_sealing(std::size_t blocks) {
  const auto each = state_.client_key->sealing_time();
  if (each <= SealBudget::kDear || room_ == nullptr) return;
  const TimePoint now = shard_.now();
  const TimePoint next = shard_.seal_budget.spend(state_.info.address_key, each * blocks, now);
  if (next > now) rest_.set(next);
}

void ClassicLeg::stop_receiving() {
  receiving_ = false;
  stream_->cancel();
  woken_.notify();
}

awaitable<void> ClassicLeg::finish() {
  co_await writer_.wait_sent();
  if (!end_) {
    stream_->shutdown_send();
    // Closing with unread input would reset the connection and could destroy what the client has not read yet.
    start_phase(kLinger, EndReason::peer_closed);
    co_await discard_input(*stream_, shard_.scratch.read, shard_.turns, state_.info.address_key);
  }
  abort(EndReason::peer_closed);
}

void ClassicLeg::abort(EndReason reason) {
  if (end_) return;
  end_ = reason;
  phase_.clear();
  writer_.end();
  // A client that waited in vain must be able to tell that nobody has taken what it sent: after an orderly close it
  // would think that a partner had come and gone. RFC 2525 section 2.17 has it so for unread input.
  if (waiting_ && !state_.received.empty()) {
    stream_->reset();
  } else {
    stream_->close();
  }
  woken_.notify();
}

awaitable<void> ClassicLeg::dismiss(EndReason reason) {
  abort(reason);
  co_await wait_closed();
}

awaitable<void> ClassicLeg::wait_closed() {
  abort(EndReason::peer_closed);
  co_await writer_.close();
}

Detached<ClassicLeg> ClassicLeg::detach() {
  assert(!end_ && writer_.held() == 0 && writer_.idle());
  return {shard_, {view(), protocol()}, std::move(stream_), std::move(state_)};
}

}  // namespace parley
