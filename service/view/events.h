#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley {

// Tells whoever watches what happens, and costs nothing while nobody does. Thread-safe. A watcher that does not keep up
// loses the oldest, and is told how many; nobody waits for it.
class Events {
 public:
  static constexpr std::size_t kMostWatchers = 8;
  static constexpr std::size_t kMostHeld = 256;  // for each watcher

  // Something that happened. Nothing in it is what clients say to each other.
  struct Event {
    using Field = std::pair<std::string_view, std::variant<std::string, double, bool>>;
    std::string_view name;  // "session-started"; a literal, as the fields' names
    std::chrono::system_clock::time_point time;
    std::vector<Field> fields;
  };

  class Watcher {
   public:
    Watcher(Watcher&&) noexcept = default;
    Watcher& operator=(Watcher&&) = delete;
    ~Watcher();

    struct News {
      std::vector<std::shared_ptr<const Event>> events;
      std::size_t lost = 0;  // before them
      bool over = false;     // nothing comes any more
    };
    // What has happened since the last time; waits for something, at most so long.
    News wait(std::chrono::milliseconds within);

   private:
    friend class Events;
    struct Held;
    Watcher(Events& events, std::shared_ptr<Held> held) : events_(&events), held_(std::move(held)) {}
    Events* events_;
    std::shared_ptr<Held> held_;  // nullptr: moved from
  };

  Events();
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Whether an event is worth making.
  bool watched() const { return count_.load(std::memory_order_relaxed) > 0; }
  void tell(std::string_view name, std::vector<Event::Field> fields);

  // nullptr: as many watch as may. The watcher must not outlive this.
  std::unique_ptr<Watcher> watch();
  // Ends every wait, and lets nobody watch any more. Returns when all who watched have gone, with what they had not
  // taken yet, or after so long.
  void close(std::chrono::milliseconds within);

 private:
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::shared_ptr<Watcher::Held>> watchers_;  // guarded by mutex_, as what they hold
  bool closed_ = false;                                 // guarded by mutex_
};

}  // namespace parley
