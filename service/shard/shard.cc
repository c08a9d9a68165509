#include "service/shard/shard.h"

#include <malloc.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <iterator>
#include <utility>

#include "service/net/vanishing.h"

namespace parley {

namespace {

constexpr std::chrono::seconds kHeartbeat{1};

}  // namespace

Shard::Shard(const ServiceSettings& settings, std::shared_ptr<const Credentials> credentials, SharedServices shared)
    : io_(1),
      work_(io_.get_executor()),
      context_(io_, clock_, shared.in_transit, shared.events),
      opener_(io_, shared.engine),
      sessions_(context_, shared.next_id),
      dismissed_(context_),
      classic_(context_, shared.lobby, sessions_, dismissed_),
      relay_(context_, shared.rooms, sessions_, dismissed_),
      acceptor_(context_, {shared.admission, shared.key_pool, shared.next_id}, dismissed_, classic_, relay_),
      wheel_timer_(io_.get_executor()),
      heartbeat_timer_(io_.get_executor()) {
  if (shared.workers != nullptr) {
    context_.submit = [workers = shared.workers](rsa::OpenJob& job) { workers->submit(job); };
  } else {
    context_.submit = [this](rsa::OpenJob& job) { opener_.submit(job); };
  }
  context_.adopt(settings);
  context_.credentials = std::move(credentials);
  context_.log_messages = settings.log_messages;
  last_tick_ = clock_.now().time_since_epoch().count();
}

Shard::~Shard() = default;

void Shard::add_listener(Descriptor socket, Protocol protocol) { acceptor_.add_listener(std::move(socket), protocol); }

void Shard::start(const ThreadRole& role) {
  thread_ = start_thread(role, [this] { run(); });
}

void Shard::run() {
  context_.spawn(context_.poller.run());
  context_.spawn(run_wheel());
  context_.spawn(heartbeat());
  acceptor_.run();
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
    context_.in_transit.cut_overdue(now, context_.deadlines.handshake);
    give_back_memory();
  }
}

std::chrono::nanoseconds Shard::loop_lag() const {
  const std::chrono::nanoseconds overdue = clock_.now() - (last_tick() + kHeartbeat);
  return std::max(overdue, std::chrono::nanoseconds(lag_.load(std::memory_order_relaxed)));
}

// What a crowd has left stays with the allocator, below and between what is still in use, until it is asked for it.
void Shard::give_back_memory() {
  constexpr std::size_t kCrowd = 256;
  most_coroutines_ = std::max(most_coroutines_, context_.gate.inside());
  if (most_coroutines_ < kCrowd || context_.gate.inside() > most_coroutines_ / 2) return;
  most_coroutines_ = context_.gate.inside();
  malloc_trim(0);
}

void Shard::drain_classic(Listeners listeners) {
  asio::post(io_, [this, listeners] {
    acceptor_.drain(Protocol::classic, listeners);
    classic_.drain();
  });
}

void Shard::undrain() {
  asio::post(io_, [this] {
    acceptor_.undrain(Protocol::classic);
    classic_.undrain();
    relay_.undrain();
  });
}

void Shard::drain_relay(Listeners listeners, milliseconds tell_within, milliseconds return_within) {
  asio::post(io_, [this, listeners, tell_within, return_within] {
    acceptor_.drain(Protocol::relay, listeners);
    relay_.drain(tell_within);
    relay_.go_away(return_within);
  });
}

void Shard::end_sessions(SessionEnd why, bool at_once) {
  asio::post(io_, [this, why, at_once] { sessions_.end_all(why, at_once); });
}

void Shard::reload(const ServiceSettings& settings) {
  asio::post(io_, [this, settings] {
    context_.adopt(settings);
    sessions_.check_idle();
    context_.poller.for_each_socket([this](int socket) { notice_vanishing(socket, context_.deadlines.write); });
  });
}

void Shard::set_credentials(std::shared_ptr<const Credentials> credentials) {
  asio::post(io_, [this, credentials = std::move(credentials)] { context_.credentials = credentials; });
}

void Shard::stop() {
  asio::post(io_, [this] {
    stopping_ = true;
    acceptor_.abort();
    classic_.abort();
    relay_.abort();
    dismissed_.abort();
    context_.poller.stop();
    wheel_timer_.cancel();
    heartbeat_timer_.cancel();
    work_.reset();
  });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

std::vector<WaitingView> Shard::waiting() const {
  std::vector<WaitingView> all = classic_.waiting();
  std::ranges::move(relay_.waiting(), std::back_inserter(all));
  return all;
}

}  // namespace parley
