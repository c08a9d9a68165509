#include "service/rsa/key_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "service/log/log.h"
#include "service/rsa/key_queue.h"
#include "service/threads/thread.h"
#include "service/view/histogram.h"

namespace parley::rsa {

namespace {

using Clock = std::chrono::steady_clock;

// Making keys ahead must not slow down messages. At 10 a thread is given about a tenth of what one of ordinary priority
// is given beside it: too little for who waits, whom serve_queue() is for.
constexpr int kNiceness = 10;
constexpr std::chrono::seconds kAfterFailure{1};

// On Linux a thread has a priority of its own; lowering it cannot fail, and nothing but root raises it again. From the
// relay's own, which whoever started it may have lowered (nice, systemd's Nice=); the kernel takes what is above 19 for
// it.
void lower_priority() {
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNiceness);
}

// A key that remembers which filling of the pool it belongs to.
struct PooledKey : classic::PrivateKey {
  PooledKey(classic::PrivateKey key, std::uint64_t its_filling)
      : classic::PrivateKey(std::move(key)), filling(its_filling) {}
  const std::uint64_t filling;
};
using PooledKeyPtr = std::shared_ptr<const PooledKey>;

// False when it was cancelled.
bool call(KeyWait& wait, KeyPtr key) {
  const std::lock_guard lock(wait.calling);
  // Moved out, so that a cancel() from inside the callback does not destroy what is running.
  const auto when_ready = std::exchange(wait.when_ready, nullptr);
  if (!when_ready) return false;
  when_ready(std::move(key));
  return true;
}

void forget_callback(KeyWait& wait) {
  const std::lock_guard lock(wait.calling);
  wait.when_ready = nullptr;
}

}  // namespace

struct KeyPool::Impl {
  Impl(const ClassicSettings& its_settings, Generate its_generate)
      : settings(its_settings), generate(std::move(its_generate)) {
    note_emptiness();
  }

  // Constant after construction.
  const ClassicSettings settings;
  const Generate generate;

  mutable std::mutex mutex;
  std::condition_variable work;     // for those that make keys ahead
  std::condition_variable awaited;  // for who serves the queue
  std::condition_variable ended;    // for who pauses
  // Below: guarded by mutex.
  bool stopping = false;
  bool replacing = false;           // the shared key is to be replaced before its time
  KeyPtr shared;                    // shared: nullptr until the first one is made
  std::vector<PooledKeyPtr> ready;  // per_connection; empty while anybody waits
  KeyQueue queue;
  std::size_t making_ahead = 0;
  std::uint64_t filling = 0;
  std::optional<Clock::time_point> empty_since;
  Histogram generate_seconds;
  Histogram wait_seconds;

  bool is_shared() const { return settings.keys == ClassicKeys::shared; }

  // A pool of no capacity is always empty: there, a connection that waits is what tells.
  void note_emptiness() {
    const bool empty = is_shared() ? shared == nullptr : settings.key_pool > 0 ? ready.empty() : !queue.empty();
    if (!empty) {
      empty_since.reset();
    } else if (!empty_since) {
      empty_since = Clock::now();
    }
  }

  // Gives `key` to the next in turn; false when nobody waits. `lock` is released during the call.
  bool hand_over(std::unique_lock<std::mutex>& lock, const KeyPtr& key) {
    while (!queue.empty()) {
      const auto wait = queue.pop();
      note_emptiness();
      lock.unlock();
      const bool called = call(*wait, key);
      lock.lock();
      if (called) {
        wait_seconds.observe(Clock::now() - wait->since);
        return true;
      }
    }
    return false;
  }

  // nullptr, some time later, when it could not be made, which takes memory.
  PooledKeyPtr make(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t its_filling = filling;
    lock.unlock();
    const auto begin = Clock::now();
    PooledKeyPtr key;
    try {
      key = std::make_shared<const PooledKey>(generate(settings.key_bits), its_filling);
    } catch (const std::exception& failure) {
      log_event(Level::error, "a classic key could not be made; trying again", {{"error", failure.what()}});
    }
    const auto took = Clock::now() - begin;
    lock.lock();
    if (key) {
      generate_seconds.observe(took);
    } else {
      ended.wait_for(lock, kAfterFailure, [this] { return stopping; });
    }
    return key;
  }

  // Gives the key to who waits, or keeps it, unless rotate() has come while it was made: who waits can do with it, as
  // nobody has had it before.
  void put(std::unique_lock<std::mutex>& lock, PooledKeyPtr key) {
    if (!key) return;
    if (hand_over(lock, key)) return;
    if (ready.size() < settings.key_pool && key->filling == filling) ready.push_back(std::move(key));
    note_emptiness();
  }

  // Each thread's first key is made at ordinary priority, as the relay is not ready without any.
  void fill_pool() {
    std::unique_lock lock(mutex);
    while (true) {
      work.wait(lock, [this] { return stopping || ready.size() + making_ahead < settings.key_pool; });
      if (stopping) return;
      ++making_ahead;
      PooledKeyPtr key = make(lock);
      --making_ahead;
      put(lock, std::move(key));
      lower_priority();
    }
  }

  // At ordinary priority, for nobody but those who wait.
  void serve_queue() {
    std::unique_lock lock(mutex);
    while (true) {
      awaited.wait(lock, [this] { return stopping || !queue.empty(); });
      if (stopping) return;
      put(lock, make(lock));
    }
  }

  void renew_shared() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      replacing = false;
      if (const KeyPtr next = make(lock)) shared = next;
      if (!shared) continue;
      note_emptiness();
      const KeyPtr made = shared;
      while (hand_over(lock, made)) {
      }
      lower_priority();  // whoever comes from here on is given this one until the next is made
      const auto due = [this] { return stopping || replacing; };
      if (settings.key_lifetime.count() == 0) {
        work.wait(lock, due);
      } else {
        work.wait_for(lock, settings.key_lifetime, due);
      }
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    work.notify_all();
    awaited.notify_all();
    ended.notify_all();
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }

  std::vector<std::thread> threads;  // set by the constructor, joined by end()
};

KeyPool::KeyPool(const ClassicSettings& settings, unsigned threads, Generate generate)
    : impl_(std::make_shared<Impl>(settings, std::move(generate))) {
  std::vector<void (Impl::*)()> tasks{&Impl::renew_shared};
  if (!impl_->is_shared()) {
    tasks.assign(std::max(threads, 1U), &Impl::fill_pool);
    tasks.push_back(&Impl::serve_queue);
  }
  try {
    for (const auto task : tasks) {
      impl_->threads.push_back(start_thread({.name = "keys", .number = impl_->threads.size() + 1, .of = tasks.size()},
                                            [impl = impl_.get(), task] { (impl->*task)(); }));
    }
  } catch (...) {
    impl_->end();
    throw;
  }
}

KeyPool::~KeyPool() {
  impl_->end();

  std::unique_lock lock(impl_->mutex);
  while (!impl_->queue.empty()) {
    const auto wait = impl_->queue.pop();
    lock.unlock();
    forget_callback(*wait);
    lock.lock();
  }
}

KeyPtr KeyPool::take(const std::string& address, Wait& wait, std::function<void(KeyPtr)> when_ready) {
  wait.cancel();
  KeyPtr key;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->is_shared()) {
      key = impl_->shared;
    } else if (!impl_->ready.empty()) {
      key = std::move(impl_->ready.back());
      impl_->ready.pop_back();
    }
    if (key != nullptr) {
      impl_->wait_seconds.observe({});
    } else {
      wait.wait_ = std::make_shared<KeyWait>();
      wait.wait_->address = address;
      wait.wait_->since = Clock::now();
      wait.wait_->when_ready = std::move(when_ready);
      wait.wait_->leave = [weak = std::weak_ptr(impl_), waiting = wait.wait_.get()] {
        const auto impl = weak.lock();
        if (impl == nullptr) return;
        const std::lock_guard leaving(impl->mutex);
        impl->queue.erase(waiting->address, [&](const auto& other) { return other.get() == waiting; });
        impl->note_emptiness();
      };
      impl_->queue.push(address, wait.wait_);
    }
    impl_->note_emptiness();
  }
  (key != nullptr ? impl_->work : impl_->awaited).notify_one();
  return key;
}

void KeyPool::give_back(KeyPtr key) {
  if (impl_->is_shared()) return;
  auto pooled = std::static_pointer_cast<const PooledKey>(std::move(key));
  std::unique_lock lock(impl_->mutex);
  if (pooled->filling == impl_->filling) impl_->put(lock, std::move(pooled));
}

std::size_t KeyPool::rotate() {
  std::vector<PooledKeyPtr> old;  // destroyed after the lock has gone
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->replacing = true;
    ++impl_->filling;
    old.swap(impl_->ready);
    impl_->note_emptiness();
  }
  impl_->work.notify_all();
  return old.size();
}

KeyPoolView KeyPool::view() const {
  KeyPoolView view;
  view.keys = impl_->settings.keys;
  const std::lock_guard lock(impl_->mutex);
  view.capacity = impl_->is_shared() ? 1 : impl_->settings.key_pool;
  view.ready = impl_->is_shared() ? (impl_->shared != nullptr ? 1 : 0) : impl_->ready.size();
  view.waiting = impl_->queue.size();
  if (impl_->empty_since) {
    view.empty_for = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - *impl_->empty_since);
  }
  view.wait_seconds = impl_->wait_seconds.snapshot();
  return view;
}

HistogramSnapshot KeyPool::generate_seconds() const { return impl_->generate_seconds.snapshot(); }

KeyPool::Wait::Wait(Wait&&) noexcept = default;

KeyPool::Wait& KeyPool::Wait::operator=(Wait&& other) noexcept {
  if (this != &other) {
    cancel();
    wait_ = std::move(other.wait_);
  }
  return *this;
}

KeyPool::Wait::~Wait() { cancel(); }

void KeyPool::Wait::cancel() {
  const auto wait = std::exchange(wait_, nullptr);
  if (wait == nullptr) return;
  wait->leave();
  forget_callback(*wait);
}

}  // namespace parley::rsa
