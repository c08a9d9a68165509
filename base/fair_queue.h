#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace parley {

// What waits, by whose it is: they take turns, and what is one's comes in its order. Not thread-safe.
template <class T>
class FairQueue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(const std::string& whose, T item) {
    const auto [entry, is_new] = by_owner_.try_emplace(whose);
    if (is_new) entry->second = lines_.insert(lines_.end(), Line{whose, {}});
    entry->second->items.push_back(std::move(item));
    ++size_;
  }

  // The next one; the queue must not be empty.
  T pop() {
    const auto line = lines_.begin();
    T item = std::move(line->items.front());
    line->items.pop_front();
    --size_;
    if (line->items.empty()) {
      remove(line);
    } else {
      lines_.splice(lines_.end(), lines_, line);
    }
    return item;
  }

  // The first of theirs for which `is` holds. False when there is none.
  template <class Is>
  bool erase(const std::string& whose, Is is) {
    const auto entry = by_owner_.find(whose);
    if (entry == by_owner_.end()) return false;
    const auto line = entry->second;
    const auto found = std::find_if(line->items.begin(), line->items.end(), is);
    if (found == line->items.end()) return false;
    line->items.erase(found);
    --size_;
    if (line->items.empty()) remove(line);
    return true;
  }

 private:
  struct Line {
    std::string whose;
    std::list<T> items;  // never empty
  };
  using Lines = std::list<Line>;

  void remove(typename Lines::iterator line) {
    by_owner_.erase(line->whose);
    lines_.erase(line);
  }

  Lines lines_;
  std::unordered_map<std::string, typename Lines::iterator> by_owner_;
  std::size_t size_ = 0;
};

}  // namespace parley
