#pragma once

#include <asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "admin-api/admin_token.h"
#include "admin-api/http/admin_tls.h"
#include "parleyd/relay.h"
#include "parleyd/serve.h"
#include "parleyd/signals.h"
#include "parleyd/supervisor.h"
#include "parleyd/watched_files.h"
#include "service/config/config.h"
#include "service/loop/asio.h"
#include "service/loop/event.h"
#include "service/loop/gate.h"
#include "service/view/control.h"

namespace parley {

// What signals have asked for: they may come before there is an Operator. Used on the thread that runs `io`, to which
// they are posted.
struct Wishes {
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  asio::io_context io{1};
  // Made at the start, as it takes descriptors: there may be none left when it is time to stop.
  Timer timer{io.get_executor()};
  int stop_signal = 0;  // the first one
  bool hurry = false;   // another has come: wait for nobody
  Event stop;
  Event reload;
};

// At each start and reload: what clients refuse the certificate for.
void warn_of_certificate(const Relay& relay);
// At each start and reload: what was given, and does not count.
void log_overruled(const config::Invocation& invocation);

// Does what the relay is told to do while it runs, by signals and by the admin API: one thing after the other, on the
// thread of attend().
class Operator final : public Control {
 public:
  // How long everything may take from the first signal to stop to the end. Zero: as long as clients stay.
  static milliseconds patience(const Deadlines& deadlines);
  // What the relay's threads are given to end once everybody has gone.
  static constexpr milliseconds kEnding{1350};

  // What a reload changes, and reads again by `load_again`. All must outlive the Operator.
  struct Running {
    Relay& relay;
    AdminTls& admin_tls;
    AdminToken& admin_token;
    WatchedFiles& files;
    config::Invocation& invocation;
    const LoadAgain& load_again;
    const Supervisor& supervisor;
  };
  Operator(Wishes& wishes, Signals& signals, const Running& running);

  // Returns when a signal has asked for the end, and the relay may be stopped.
  void attend();

  Answered<bool> end_session(SessionId id) override { return running_.relay.end_session(id); }
  tl::expected<ReloadReport, NotDone> reload() override;
  tl::expected<DrainView, NotDone> drain(std::optional<milliseconds> within) override;
  tl::expected<void, NotDone> undrain() override;
  KeyRotation rotate_keys() override;
  tl::expected<LogLevelView, NotDone> log_level() const override;
  tl::expected<LogLevelView, NotDone> set_log_level(std::string_view level,
                                                    std::optional<std::chrono::seconds> time) override;
  tl::expected<std::vector<ConfiguredValue>, NotDone> configuration() const override;

 private:
  // To empty the relay.
  struct Order {
    std::optional<milliseconds> within;
    bool for_good = false;
    WallTime since;
    TimePoint begin;  // until then it is not ready any more, and takes clients yet
  };
  struct OtherLogLevel {
    std::string level;
    std::optional<WallTime> until;
  };

  // What `task` returns, which is run on the thread of attend().
  template <class Value>
  tl::expected<Value, NotDone> ask(std::function<tl::expected<Value, NotDone>()> task) const;

  // All that follows is of that thread.
  tl::expected<ReloadReport, NotDone> reload_now();
  awaitable<void> reload_on_hangup();
  void reload_on_change();
  // Tells the supervisor that all goes on, for as long as it does.
  void say_alive(milliseconds every);
  awaitable<void> stop_on_signal();
  awaitable<void> carry_out_orders();
  // Until it is done, or there is another order.
  awaitable<void> carry_out(Order order);
  // Waits until `done`, that moment, another order, or another signal to stop.
  awaitable<void> until(std::function<bool()> done, std::chrono::steady_clock::time_point moment);
  DrainView give(Order order);
  bool replaced() const { return orders_ != carried_out_; }
  LogLevelView log_level_now() const;
  void use_configured_log_level();

  Wishes& wishes_;
  Signals& signals_;
  const Running running_;

  std::optional<Order> order_;
  std::uint64_t orders_ = 0;       // given, and taken back
  std::uint64_t carried_out_ = 0;  // the one that is being
  Event ordered_;
  std::optional<OtherLogLevel> other_log_level_;
  Wishes::Timer log_level_timer_;
  Wishes::Timer look_timer_;
  Wishes::Timer alive_timer_;
  bool may_stop_ = false;
  Gate gate_;

  mutable std::mutex mutex_;
  bool over_ = false;  // nobody runs a task any more; guarded by mutex_
};

}  // namespace parley
