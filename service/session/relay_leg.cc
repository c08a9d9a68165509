#include "service/session/relay_leg.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/hex.h"
#include "protocol/relay/errc.h"
#include "service/session/relay_words.h"

namespace parley {

namespace {

using relay::FrameType;

constexpr std::size_t kLeastBatch = std::size_t{32} * 1024;  // a frame that has begun, and a record
constexpr std::size_t kMostBatch = std::size_t{64} * 1024;
// What the relay's only PING on a connection says.
constexpr std::string_view kAreYouThere = "parley/1";
static_assert(kAreYouThere.size() == relay::kPingBytes);

std::chrono::seconds whole_seconds(milliseconds time) { return std::chrono::ceil<std::chrono::seconds>(time); }

relay::Place place_of(relay::Role role) {
  return role == relay::Role::first ? relay::Place::first : relay::Place::second;
}

}  // namespace

RelayLeg::RelayLeg(ShardContext& shard, std::unique_ptr<Stream> stream, RelayState state)
    : shard_(shard),
      stream_(std::move(stream)),
      state_(std::move(state)),
      phase_(state_.hello ? relay::Phase::waiting : relay::Phase::opening),
      greeted_(state_.hello.has_value()),
      drained_(!state_.hello),
      kept_back_(!state_.partial.empty()),
      deadline_(shard.wheel,
                [this] {
                  if (phase_reason_ == EndReason::handshake_timeout || said_why_) {
                    abort(phase_reason_);
                  } else {
                    fail(phase_reason_, sentence(phase_reason_));
                    stop_waiting_to_read();
                  }
                }),
      buffered_(shard.counters.buffered_bytes),
      writer_(shard, kManner, *stream_, woken_, state_.bytes_out, [this](EndReason reason) { abort(reason); }) {}

LegView RelayLeg::view() const {
  return {.id = state_.info.id,
          .address = state_.info.address,
          .connected = state_.info.connected,
          .messages_in = state_.messages_in,
          .messages_out = state_.messages_out,
          .bytes_in = state_.bytes_in,
          .bytes_out = state_.bytes_out,
          .buffered_bytes = writer_.held(),
          .client = state_.hello ? state_.hello->client.value_or("") : "",
          .round_trip = stream_->round_trip()};
}

void RelayLeg::start_phase(milliseconds limit, EndReason reason) {
  phase_reason_ = reason;
  set_deadline(shard_, deadline_, limit);
}

awaitable<std::optional<EndReason>> RelayLeg::handshake() {
  if (shard_.deadlines.handshake.count() > 0) {
    phase_reason_ = EndReason::handshake_timeout;
    deadline_.set(state_.info.connected_at + shard_.deadlines.handshake);
  }
  const IoStatus status = co_await stream_->handshake();
  if (status == IoStatus::failed && !end_) {
    // A client whose certificate is refused takes the handshake for done, and has sent more.
    said_why_ = true;
    start_phase(kLinger, EndReason::tls_failed);
    co_await stream_->drop_input();
  }
  if (status != IoStatus::ok) abort(status == IoStatus::closed ? EndReason::peer_closed : EndReason::tls_failed);
  if (end_) co_return end_;
  greeted_ = true;
  phase_reason_ = EndReason::too_slow;
  drained_ = false;
  while (!state_.hello && !failed_ && !end_) {
    if (must_wait()) {
      co_await wait_to_read();
      continue;
    }
    std::size_t messages = 0;
    read_frames(messages);
  }
  if (end_ || failed_) co_return end_ ? end_ : failed_;
  deadline_.clear();
  // A leg that moves to another shard must have nothing under way.
  co_await writer_.wait_sent();
  co_await writer_.wait_idle();
  co_return end_;
}

awaitable<std::optional<EndReason>> RelayLeg::wait_for_partner() {
  while (!end_ && !failed_ && !alive_) {
    if (must_wait()) {
      co_await wait_to_read();
      continue;
    }
    std::size_t messages = 0;
    read_frames(messages);
  }
  deadline_.clear();
  co_return end_ ? end_ : failed_;
}

void RelayLeg::partner_came() {
  if (end_ || failed_) return;
  partner_came_ = true;
  start_phase(kSignOfLifeWithin, EndReason::lost);
  send_control(relay::to_frame(FrameType::ping, std::as_bytes(std::span(kAreYouThere))));
}

awaitable<void> RelayLeg::wait_to_read() {
  if (answers_untaken()) return woken_.wait();
  if (held_back()) return wait_until(shard_.wheel, throttle_.open_at(shard_.limits), woken_);
  turn_over_ = false;
  return drained_ && !kept_back_ ? stream_->wait(Stream::Ready::read) : shard_.turns.wait(state_.info.address_key);
}

void RelayLeg::stop_waiting_to_read() {
  stream_->cancel();
  woken_.notify();
}

std::size_t RelayLeg::batch_bytes() const {
  const std::size_t limit = shard_.limits.buffer_limit;
  return limit == 0 ? kMostBatch : std::clamp(limit, kLeastBatch, kMostBatch);
}

std::span<std::byte> RelayLeg::read_frames(std::size_t& messages) {
  const std::span<std::byte> buffer = std::span(shard_.scratch.read);
  const std::size_t begun = state_.partial.size();
  std::copy(state_.partial.front().begin(), state_.partial.front().end(), buffer.begin());
  std::size_t read = 0;
  turn_over_ = true;
  if (!kept_back_) {
    const IoResult result = stream_->read_some(buffer.subspan(begun, batch_bytes()));
    drained_ = !result.more;
    if (result.status == IoStatus::would_block) return {};
    if (result.status != IoStatus::ok) {
      fail(EndReason::lost, "");
      return {};
    }
    read = result.bytes;
    read_at_ = shard_.now();
    state_.bytes_in += read;
    shard_.counters.of(Protocol::relay).bytes_in_total.add(read);
  }

  const bool throttle = shard_.limits.throttle();
  const TimePoint now = throttle ? shard_.now() : TimePoint{};
  const std::size_t most =
      throttle ? std::min(kMessagesPerTurn, throttle_.messages(shard_.limits, now)) : kMessagesPerTurn;
  std::size_t others = 0;
  kept_back_ = false;
  std::string pongs;
  const std::span<std::byte> bytes = buffer.first(begun + read);
  relay::FrameReader reader(bytes, relay::Sender::client);
  std::size_t kept = 0;
  while (!failed_) {
    if (messages == most || others == kOtherFramesPerTurn || answers_untaken()) {
      kept_back_ = true;
      break;
    }
    const auto frame = reader.next();
    if (!frame) {
      answer(pongs);
      fail(EndReason::bad_frame, frame.error().message());
      break;
    }
    if (!*frame) break;
    if ((*frame)->type != FrameType::data || phase_ != relay::Phase::paired || owed_ != 0 || partner_lost_) {
      take(**frame, pongs);
      ++others;
      continue;
    }
    const auto data = (*frame)->bytes;
    if (data.data() != buffer.data() + kept) std::memmove(buffer.data() + kept, data.data(), data.size());
    kept += data.size();
    ++messages;
  }
  answer(pongs);
  const std::span<std::byte> rest = bytes.subspan(reader.consumed());
  if (begun != 0) state_.partial.clear();
  if (!rest.empty() && !failed_) state_.partial.append(rest);
  if (throttle) throttle_.spend(shard_.limits, messages, read, now);
  note_held();
  return buffer.first(kept);
}

void RelayLeg::take(const relay::Frame& frame, std::string& pongs) {
  if (frame.type != FrameType::ping) answer(pongs);
  if (!relay::allowed(frame.type, relay::Sender::client, phase_)) {
    fail(EndReason::bad_frame, make_error_code(relay::Errc::wrong_phase).message());
    return;
  }
  switch (frame.type) {
    case FrameType::hello:
      take_hello(frame);
      break;
    case FrameType::data:
      shard_.counters.of(Protocol::relay).dropped_bytes_total.add(frame.bytes.size());
      break;
    case FrameType::ping:
      pongs += relay::to_frame(FrameType::pong, frame.payload());
      if (answers_ + pongs.size() > kMostAnswers) answer(pongs);
      break;
    case FrameType::bye:
      fail(EndReason::peer_closed, "");
      break;
    case FrameType::ready:
      if (owed_ > 0) --owed_;
      break;
    default:  // PONG
      if (partner_came_ && std::ranges::equal(frame.payload(), std::as_bytes(std::span(kAreYouThere)))) alive_ = true;
      break;
  }
}

// Many at once: a record and a system call for each would let a client that sends nothing but PINGs take the others'
// time.
void RelayLeg::answer(std::string& pongs) {
  if (pongs.empty()) return;
  if (std::exchange(answers_begun_, writer_.times_emptied()) != writer_.times_emptied()) answers_ = 0;
  send_control(pongs);
  if (writer_.held() > 0) answers_ += pongs.size();
  pongs.clear();
}

void RelayLeg::take_hello(const relay::Frame& frame) {
  auto hello = relay::parse_hello(frame.payload());
  if (!hello) {
    fail(EndReason::bad_hello, hello.error().message());
    return;
  }
  state_.hello = std::move(*hello);
  phase_ = relay::Phase::waiting;
}

void RelayLeg::fail(EndReason reason, std::string_view message) {
  if (failed_) return;
  failed_ = reason;
  if (said_why_) return;
  if (const auto error = error_frame(reason, message, shard_.random)) {
    said_why_ = true;
    send_control(*error);
  }
}

void RelayLeg::say_why(EndReason reason) { fail(reason, sentence(reason)); }

awaitable<tl::expected<Message, EndReason>> RelayLeg::receive() {
  while (!end_ && !failed_ && receiving_) {
    if (must_wait()) {
      co_await wait_to_read();
      continue;
    }
    std::size_t messages = 0;
    const auto bytes = read_frames(messages);
    if (messages == 0) continue;
    state_.messages_in += messages;
    co_return Message{bytes, read_at_, messages};
  }
  shard_.counters.of(Protocol::relay).dropped_bytes_total.add(state_.partial.size());
  state_.partial.clear();
  note_held();
  co_return tl::unexpected(end_ ? *end_ : failed_.value_or(EndReason::peer_closed));
}

void RelayLeg::send(const Message& message) {
  state_.messages_out += message.count;
  writer_.send(message.bytes, message.read_at, message.count);
}

// Such frames do not wait for full(), so a client that takes next to nothing while its partner comes and goes is let
// go.
void RelayLeg::send_control(std::string_view frame) {
  if (writer_.held() > kMostBatch + 2 * relay::kMaxFrameBytes) return abort(EndReason::too_slow);
  writer_.send(std::as_bytes(std::span(frame)), shard_.now(), 0);
}

std::string RelayLeg::token(const relay::SessionName& name, relay::Place place) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(shard_.wall_now());
  // Under the newest key, or the token would end with the one that was the newest when the client connected.
  const Credentials& newest = shard_.credentials ? *shard_.credentials : *state_.credentials;
  return newest.token_keys->make({name, place, now + kTokenLifetime}, state_.hello->room);
}

void RelayLeg::waiting(const relay::SessionName& name, relay::Place place) {
  milliseconds limit = shard_.deadlines.wait;
  // Nobody but the other place's token gets into such a room, and that one is lost like any other. Zero is no limit.
  const milliseconds grace = shard_.deadlines.resume_grace;
  if (place != relay::Place::waiting && grace.count() > 0 && (limit.count() == 0 || grace < limit)) limit = grace;
  start_phase(limit, EndReason::waited_too_long);
  send_control(relay::to_frame(relay::Waiting{whole_seconds(limit), token(name, place)}));
}

void RelayLeg::waiting_again(const SessionPlace& place, milliseconds expires) {
  send_control(relay::to_frame(relay::Waiting{whole_seconds(expires), token(place.name, place_of(place.role))}));
}

void RelayLeg::paired(const SessionPlace& place) {
  phase_ = relay::Phase::paired;
  partner_lost_ = false;
  if (place.resumed) ++owed_;
  send_control(relay::to_frame(relay::Paired{to_hex(place.name), place.role, token(place.name, place_of(place.role)),
                                             place.resumed, whole_seconds(place.grace)}));
}

void RelayLeg::partner_left(relay::Departure departure, milliseconds grace) {
  if (phase_ != relay::Phase::paired) {
    if (departure == relay::Departure::closed) say_why(EndReason::waited_too_long);
    return;
  }
  partner_lost_ = true;
  send_control(relay::to_frame(relay::PeerLeft{departure, whole_seconds(grace)}));
}

void RelayLeg::go_away(milliseconds reconnect_after) {
  send_control(relay::to_frame(relay::Goaway{std::string(label(EndReason::draining)), reconnect_after}));
}

void RelayLeg::stop_receiving() {
  receiving_ = false;
  stop_waiting_to_read();
}

awaitable<void> RelayLeg::finish() {
  co_await writer_.wait_sent();
  if (!end_) {
    stream_->shutdown_send();
    // Closing with unread input would reset the connection and could destroy what the client has not read yet.
    said_why_ = true;
    start_phase(kLinger, EndReason::peer_closed);
    co_await discard_input(*stream_, shard_.scratch.read, shard_.turns, state_.info.address_key);
  }
  abort(failed_.value_or(EndReason::peer_closed));
}

awaitable<void> RelayLeg::dismiss(EndReason reason) {
  if (reason == EndReason::tls_failed || reason == EndReason::handshake_timeout) abort(reason);
  say_why(reason);
  stop_receiving();
  co_await finish();
  co_await wait_closed();
}

void RelayLeg::send_away(EndReason reason) {
  if (!greeted_) {
    abort(reason);
  } else {
    say_why(reason);
    stop_waiting_to_read();
  }
}

void RelayLeg::send_away_after(milliseconds time, EndReason reason) {
  if (time.count() > 0 && !partner_came_ && !failed_) {
    start_phase(time, reason);
  } else {
    send_away(reason);
  }
}

void RelayLeg::abort(EndReason reason) {
  if (end_) return;
  end_ = reason;
  deadline_.clear();
  writer_.end();
  stream_->close();
  woken_.notify();
}

awaitable<void> RelayLeg::wait_closed() {
  abort(EndReason::peer_closed);
  co_await writer_.close();
}

void RelayLeg::for_each(const Message& message, const std::function<void(std::span<const std::byte>)>& each) const {
  relay::FrameReader reader(message.bytes, relay::Sender::client);
  for (auto frame = reader.next(); frame && *frame; frame = reader.next()) each((*frame)->payload());
}

Detached<RelayLeg> RelayLeg::detach() {
  assert(!end_ && writer_.held() == 0 && writer_.idle());
  return {shard_, {view(), protocol()}, std::move(stream_), std::move(state_)};
}

}  // namespace parley
