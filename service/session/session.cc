#include "session/session.h"

#include <utility>

#include "log/log.h"

namespace parley {

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Session::Session(ShardContext& shard, SessionId id, Protocol protocol, std::unique_ptr<Leg> first,
                 std::unique_ptr<Leg> second)
    : shard_(shard),
      id_(id),
      protocol_(protocol),
      started_(std::chrono::system_clock::now()),
      started_at_(shard.now()),
      legs_{std::move(first), std::move(second)},
      last_message_at_(started_at_),
      idle_(shard.wheel, [this] { end({EndReason::idle, EndedBy::relay}); }) {
  shard_.counters.of(protocol_).sessions[static_cast<std::size_t>(SessionState::active)].add();
}

awaitable<SessionEnd> Session::run() {
  Leg& first = *legs_[0];
  Leg& second = *legs_[1];
  set_deadline(shard_, idle_, shard_.deadlines.idle);
  gate_.spawn(shard_.executor(), pump(second, first, EndedBy::second, EndedBy::first));
  co_await pump(first, second, EndedBy::first, EndedBy::second);
  co_await gate_.wait_empty();
  idle_.clear();
  gate_.spawn(shard_.executor(), first.finish());
  co_await second.finish();
  co_await gate_.wait_empty();
  co_await first.wait_closed();
  co_await second.wait_closed();
  shard_.counters.of(protocol_).sessions[static_cast<std::size_t>(SessionState::closing)].subtract();
  co_return *end_;
}

awaitable<void> Session::pump(Leg& from, Leg& to, EndedBy from_is, EndedBy to_is) {
  ProtocolCounters& counters = shard_.counters.of(protocol_);
  for (;;) {
    const auto message = co_await from.receive();
    if (!message) {
      end({message.error(), from_is});
      break;
    }
    counters.messages_total.add();
    last_message_at_ = shard_.now();
    if (idle_.is_set()) set_deadline(shard_, idle_, shard_.deadlines.idle);
    if (shard_.log_messages) {
      log_event(Level::info, "message",
                {{"session", to_string(id_)}, {"from", label(from_is)}, {"text", as_text(message->bytes)}});
    }
    if (const auto ended = co_await to.send(*message)) {
      end({*ended, to_is});
      break;
    }
  }
}

void Session::end(SessionEnd why) {
  if (end_) return;
  end_ = why;
  auto& sessions = shard_.counters.of(protocol_).sessions;
  sessions[static_cast<std::size_t>(SessionState::active)].subtract();
  sessions[static_cast<std::size_t>(SessionState::closing)].add();
  // A client that left is not stopped: what it sent before is still carried.
  if (why.by != EndedBy::first) legs_[0]->stop_receiving();
  if (why.by != EndedBy::second) legs_[1]->stop_receiving();
}

void Session::abort(SessionEnd why) {
  end(why);
  for (const auto& leg : legs_) {
    leg->stop_receiving();
    leg->abort(why.reason);
  }
}

SessionView Session::view() const {
  return {.id = id_,
          .protocol = protocol_,
          .state = state(),
          .started = started_,
          .idle = std::chrono::duration_cast<std::chrono::milliseconds>(shard_.now() - last_message_at_),
          .legs = {legs_[0]->view(), legs_[1]->view()}};
}

}  // namespace parley
