#include "service/view/events.h"

namespace parley {

struct Events::Watcher::Held {
  std::deque<std::shared_ptr<const Event>> events;
  std::size_t lost = 0;
};

Events::Events() = default;
Events::~Events() = default;

Events::Watcher::~Watcher() {
  if (held_ == nullptr) return;
  const std::lock_guard lock(events_->mutex_);
  events_->watchers_.remove(held_);
  events_->count_ = events_->watchers_.size();
  events_->changed_.notify_all();
}

Events::Watcher::News Events::Watcher::wait(std::chrono::milliseconds within) {
  std::unique_lock lock(events_->mutex_);
  events_->changed_.wait_for(lock, within, [this] { return events_->closed_ || !held_->events.empty(); });
  News news{.events = {held_->events.begin(), held_->events.end()},
            .lost = std::exchange(held_->lost, 0),
            .over = events_->closed_};
  held_->events.clear();
  return news;
}

void Events::tell(std::string_view name, std::vector<Event::Field> fields) {
  if (!watched()) return;
  const auto event = std::make_shared<const Event>(Event{name, std::chrono::system_clock::now(), std::move(fields)});
  {
    const std::lock_guard lock(mutex_);
    for (const auto& watcher : watchers_) {
      if (watcher->events.size() == kMostHeld) {
        watcher->events.pop_front();
        ++watcher->lost;
      }
      watcher->events.push_back(event);
    }
  }
  changed_.notify_all();
}

std::unique_ptr<Events::Watcher> Events::watch() {
  const std::lock_guard lock(mutex_);
  if (closed_ || watchers_.size() == kMostWatchers) return nullptr;
  const auto held = std::make_shared<Watcher::Held>();
  watchers_.push_back(held);
  count_ = watchers_.size();
  return std::unique_ptr<Watcher>(new Watcher(*this, held));
}

void Events::close(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, within, [this] { return watchers_.empty(); });
}

}  // namespace parley
