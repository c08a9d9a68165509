#include "service/rsa/key_queue.h"

#include <algorithm>
#include <utility>

namespace parley::rsa {

void KeyQueue::push(std::shared_ptr<KeyWait> wait) {
  const auto [entry, is_new] = by_address_.try_emplace(wait->address);
  if (is_new) entry->second = turns_.insert(turns_.end(), Turn{wait->address, {}});
  entry->second->waits.push_back(std::move(wait));
  ++size_;
}

std::shared_ptr<KeyWait> KeyQueue::pop() {
  const auto turn = turns_.begin();
  std::shared_ptr<KeyWait> wait = std::move(turn->waits.front());
  turn->waits.pop_front();
  --size_;
  if (turn->waits.empty()) {
    by_address_.erase(turn->address);
    turns_.erase(turn);
  } else {
    turns_.splice(turns_.end(), turns_, turn);
  }
  return wait;
}

bool KeyQueue::erase(const KeyWait& wait) {
  const auto entry = by_address_.find(wait.address);
  if (entry == by_address_.end()) return false;
  const auto turn = entry->second;
  const auto found =
      std::find_if(turn->waits.begin(), turn->waits.end(), [&](const auto& other) { return other.get() == &wait; });
  if (found == turn->waits.end()) return false;
  turn->waits.erase(found);
  --size_;
  if (turn->waits.empty()) {
    turns_.erase(turn);
    by_address_.erase(entry);
  }
  return true;
}

}  // namespace parley::rsa
