#include "service/shard/shard.h"

#include <malloc.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <utility>

#include "service/log/log.h"
#include "service/net/tcp_stream.h"
#include "service/session/classic_leg.h"

namespace parley {

namespace {

constexpr std::chrono::seconds kHeartbeat{1};

std::size_t index_of(EndReason reason) { return static_cast<std::size_t>(reason); }

void log_session_start(const SessionView& view) {
  log_event(Level::info, "session started",
            {{"session", to_string(view.id)},
             {"protocol", label(view.protocol)},
             {"first", view.legs[0].address},
             {"second", view.legs[1].address}});
}

void log_session_end(const SessionView& view, const SessionEnd& end, std::chrono::nanoseconds duration) {
  const auto& [first, second] = view.legs;
  log_event(Level::info, "session ended",
            {{"session", to_string(view.id)},
             {"protocol", label(view.protocol)},
             {"reason", label(end.reason)},
             {"by", label(end.by)},
             {"first", first.address},
             {"second", second.address},
             {"first_messages", first.messages_in},
             {"second_messages", second.messages_in},
             {"first_bytes_in", first.bytes_in},
             {"first_bytes_out", first.bytes_out},
             {"second_bytes_in", second.bytes_in},
             {"second_bytes_out", second.bytes_out},
             {"seconds", std::chrono::duration<double>(duration).count()}});
}

}  // namespace

// A connection that waits for a key of ours. Shared with the key pool's callback, which may come late.
struct Shard::KeyWait {
  Event event;
  rsa::KeyPtr key;
  bool over = false;
};

Shard::Shard(const ServiceSettings& settings, std::shared_ptr<const Credentials> credentials, SharedServices shared)
    : shared_(shared),
      io_(1),
      work_(io_.get_executor()),
      context_(io_, clock_),
      opener_(io_, shared.engine),
      wheel_timer_(io_.get_executor()),
      heartbeat_timer_(io_.get_executor()) {
  if (shared_.workers != nullptr) {
    context_.submit = [workers = shared_.workers](rsa::OpenJob& job) { workers->submit(job); };
  } else {
    context_.submit = [this](rsa::OpenJob& job) { opener_.submit(job); };
  }
  context_.adopt(settings);
  context_.credentials = std::move(credentials);
  context_.log_messages = settings.log_messages;
  last_tick_ = clock_.now().time_since_epoch().count();
}

Shard::~Shard() = default;

void Shard::add_listener(Descriptor socket, Protocol protocol) {
  listeners_.push_back(std::make_unique<Listener>(
      io_, std::move(socket),
      [this, protocol](Descriptor accepted, const sockaddr_storage& peer) {
        accept(protocol, std::move(accepted), peer);
      },
      [this, protocol] {
        context_.counters.of(protocol).refused_total[static_cast<std::size_t>(Refusal::no_descriptors)].add();
      }));
}

void Shard::start() {
  thread_ = std::thread([this] { run(); });
}

void Shard::run() {
  gate_.spawn(context_.executor(), context_.poller.run());
  gate_.spawn(context_.executor(), run_wheel());
  gate_.spawn(context_.executor(), heartbeat());
  for (const auto& listener : listeners_) gate_.spawn(context_.executor(), listener->run());
  io_.run();
}

awaitable<void> Shard::run_wheel() {
  asio::error_code ignored;
  context_.wheel.on_earlier([this] { wheel_timer_.cancel(); });
  while (!stopping_) {
    wheel_timer_.expires_at(context_.wheel.next().value_or(TimePoint::max()));
    co_await wheel_timer_.async_wait(asio::redirect_error(use_awaitable, ignored));
    context_.wheel.advance(clock_.now());
  }
}

awaitable<void> Shard::heartbeat() {
  asio::error_code ignored;
  while (!stopping_) {
    const TimePoint due = clock_.now() + kHeartbeat;
    heartbeat_timer_.expires_at(due);
    co_await heartbeat_timer_.async_wait(asio::redirect_error(use_awaitable, ignored));
    const TimePoint now = clock_.now();
    lag_.store(std::chrono::nanoseconds(now - due).count(), std::memory_order_relaxed);
    last_tick_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    context_.wheel.advance(now);
    give_back_memory();
  }
}

// What a crowd has left stays with the allocator, below and between what is still in use, until it is asked for it.
void Shard::give_back_memory() {
  constexpr std::size_t kCrowd = 256;
  most_coroutines_ = std::max(most_coroutines_, gate_.inside());
  if (most_coroutines_ < kCrowd || gate_.inside() > most_coroutines_ / 2) return;
  most_coroutines_ = gate_.inside();
  malloc_trim(0);
}

awaitable<rsa::KeyPtr> Shard::take_key(const LegInfo& info) {
  const auto wait = std::make_shared<KeyWait>();
  rsa::KeyPool::Wait place;
  auto on_key = [this, wait](rsa::KeyPtr key) {
    asio::post(io_, [this, wait, key = std::move(key)]() mutable {
      if (wait->over) {
        shared_.key_pool.give_back(std::move(key));
      } else {
        wait->key = std::move(key);
        wait->event.notify();
      }
    });
  };
  if (auto key = shared_.key_pool.take(info.address_key, place, std::move(on_key))) co_return key;
  Deadline deadline(context_.wheel, [wait = wait.get()] { wait->event.notify(); });
  set_deadline(context_, deadline, context_.deadlines.handshake);
  key_waits_.insert(wait.get());
  if (!draining_) co_await wait->event.wait();
  key_waits_.erase(wait.get());
  place.cancel();
  wait->over = true;
  co_return std::move(wait->key);
}

awaitable<void> Shard::serve_classic(Descriptor socket, LegInfo info, Admission::Place place) {
  ProtocolCounters& counters = context_.counters.of(Protocol::classic);
  rsa::KeyPtr key = co_await take_key(info);
  if (!key) {
    const EndReason reason = draining_ ? EndReason::draining : EndReason::key_pool_empty;
    counters.leg_ends_total[index_of(reason)].add();
    co_return;
  }
  ClassicState state;
  state.info = std::move(info);
  state.place = std::move(place);
  state.relay_key = std::move(key);
  state.give_back_key = [&pool = shared_.key_pool](rsa::KeyPtr unused) { pool.give_back(std::move(unused)); };
  auto stream = std::make_unique<TcpStream>(context_.poller, std::move(socket));
  std::unique_ptr<Leg> leg = std::make_unique<ClassicLeg>(context_, std::move(stream), std::move(state));
  leg = co_await greet(std::move(leg), Protocol::classic);
  if (leg) seek_partner(std::move(leg), Protocol::classic);
}

awaitable<std::unique_ptr<Leg>> Shard::greet(std::unique_ptr<Leg> leg, Protocol protocol) {
  if (draining_) leg->send_away(EndReason::draining);  // its key came late
  handshaking_.insert(leg.get());
  const auto failed = co_await leg->handshake();
  handshaking_.erase(leg.get());
  if (failed) {
    co_await dismiss(std::move(leg), protocol, *failed);
    co_return nullptr;
  }
  context_.counters.of(protocol).handshake_seconds.observe(clock_.now() - leg->info().connected_at);
  co_return leg;
}

void Shard::seek_partner(std::unique_ptr<Leg> leg, Protocol protocol) {
  while (!draining_) {
    const LegId id = leg->info().id;
    const auto waiting = shared_.lobby.enter({this, id});
    if (!waiting) {
      waiting_.emplace(id.value, Waiting{leg.get(), protocol, clock_.now(), nullptr});
      gate_.spawn(context_.executor(), wait_in_lobby(std::move(leg), protocol));
      return;
    }
    if (waiting->shard != this) {
      waiting->shard->meet(waiting->leg, leg->detach(), protocol);
      return;
    }
    if (meet_here(waiting->leg, leg)) return;
  }
  gate_.spawn(context_.executor(), dismiss(std::move(leg), protocol, EndReason::draining));
}

void Shard::meet(LegId waiting, std::unique_ptr<DetachedLeg> arrival, Protocol protocol) {
  asio::post(io_, [this, waiting, protocol, arrival = std::move(arrival)] {
    auto leg = arrival->attach(context_);
    if (!meet_here(waiting, leg)) seek_partner(std::move(leg), protocol);
  });
}

bool Shard::meet_here(LegId waiting, std::unique_ptr<Leg>& arrival) {
  const auto found = waiting_.find(waiting.value);
  if (found == waiting_.end() || found->second.leg->peer_gone()) return false;
  found->second.partner = std::move(arrival);
  found->second.leg->partner_came();
  return true;
}

awaitable<void> Shard::wait_in_lobby(std::unique_ptr<Leg> leg, Protocol protocol) {
  const LegId id = leg->info().id;
  const auto gone = co_await leg->wait_for_partner();
  shared_.lobby.leave(id);
  const auto waiting = waiting_.extract(id.value);
  std::unique_ptr<Leg> partner = std::move(waiting.mapped().partner);
  if (gone) {
    if (partner) seek_partner(std::move(partner), protocol);
    co_await dismiss(std::move(leg), protocol, *gone);
    co_return;
  }
  note_wait(protocol, waiting.mapped().since);
  co_await carry(
      std::make_unique<Session>(context_, SessionId{new_id()}, protocol, std::move(leg), std::move(partner)));
}

void Shard::note_wait(Protocol protocol, TimePoint since) {
  Histogram& waits = context_.counters.of(protocol).pairing_wait_seconds;
  waits.observe(clock_.now() - since);
  waits.observe(std::chrono::nanoseconds{0});  // its partner's
}

awaitable<void> Shard::carry(std::unique_ptr<Session> session) {
  ProtocolCounters& counters = context_.counters.of(session->protocol());
  counters.sessions_total.add();
  if (log_enabled(Level::info)) log_session_start(session->view());
  sessions_.emplace(session->id(), session.get());
  if (session->name()) sessions_by_name_.emplace(*session->name(), session.get());
  const SessionEnd end = co_await session->run();
  if (session->name()) sessions_by_name_.erase(*session->name());
  sessions_.erase(session->id());
  const auto duration = clock_.now() - session->started_at();
  counters.session_ends_total[index_of(end.reason)].add();
  counters.session_seconds.observe(duration);
  if (log_enabled(Level::info)) log_session_end(session->view(), end, duration);
}

awaitable<void> Shard::dismiss(std::unique_ptr<Leg> leg, Protocol protocol, EndReason reason) {
  if (stopping_) leg->abort(reason);
  dismissed_.insert(leg.get());
  co_await leg->dismiss(reason);
  dismissed_.erase(leg.get());
  context_.counters.of(protocol).leg_ends_total[index_of(reason)].add();
  if (log_enabled(Level::debug)) {
    log_event(Level::debug, "leg ended",
              {{"leg", to_string(leg->info().id)},
               {"protocol", label(protocol)},
               {"address", leg->info().address},
               {"reason", label(reason)}});
  }
}

void Shard::stop_accepting() {
  asio::post(io_, [this] {
    draining_ = true;
    for (const auto& listener : listeners_) listener->close();
    for (ProxyReader* reader : proxy_readers_) reader->give_up();
    for (KeyWait* wait : key_waits_) wait->event.notify();
    for (Leg* leg : handshaking_) leg->send_away(EndReason::draining);
    for (const auto& [id, waiting] : waiting_) waiting.leg->send_away(EndReason::draining);
  });
}

void Shard::end_sessions(SessionEnd why, bool at_once) {
  asio::post(io_, [this, why, at_once] {
    for (const auto& [id, session] : sessions_) at_once ? session->abort(why) : session->end(why);
  });
}

void Shard::reload(const ServiceSettings& settings) {
  asio::post(io_, [this, settings] {
    context_.adopt(settings);
    for (const auto& [id, session] : sessions_) session->check_idle();
  });
}

void Shard::set_credentials(std::shared_ptr<const Credentials> credentials) {
  asio::post(io_, [this, credentials = std::move(credentials)] { context_.credentials = credentials; });
}

void Shard::stop() {
  asio::post(io_, [this] {
    stopping_ = true;
    for (Leg* leg : handshaking_) leg->abort(EndReason::draining);
    for (const auto& [id, waiting] : waiting_) waiting.leg->abort(EndReason::draining);
    for (Leg* leg : dismissed_) leg->abort(EndReason::draining);
    context_.poller.stop();
    wheel_timer_.cancel();
    heartbeat_timer_.cancel();
    work_.reset();
  });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

std::vector<SessionView> Shard::sessions(const SessionQuery& query) const {
  std::vector<SessionView> found;
  auto position = query.before ? sessions_.lower_bound(*query.before) : sessions_.end();
  while (position != sessions_.begin() && found.size() < query.limit) {
    const Session& session = *(--position)->second;
    if (query.protocol && *query.protocol != session.protocol()) continue;
    if (query.state && *query.state != session.state()) continue;
    found.push_back(session.view());
  }
  return found;
}

std::optional<SessionView> Shard::session(SessionId id) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  return found->second->view();
}

bool Shard::end_session(SessionId id, SessionEnd why) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->state() == SessionState::closing) return false;
  found->second->end(why);
  return true;
}

std::vector<WaitingView> Shard::waiting() const {
  std::vector<WaitingView> found;
  for (const auto& [id, waiting] : waiting_) found.push_back({waiting.leg->view(), waiting.protocol});
  return found;
}

}  // namespace parley
