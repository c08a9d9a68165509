#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace parley {

// The secret that /api asks for, or none; a reload gives another. Thread-safe.
class AdminToken {
 public:
  using Value = std::shared_ptr<const std::string>;  // nullptr: none

  AdminToken() = default;
  explicit AdminToken(std::optional<std::string> token) { use(std::move(token)); }

  // From now on.
  void use(std::optional<std::string> token) {
    Value value = token ? std::make_shared<const std::string>(std::move(*token)) : nullptr;
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

  Value now() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  Value value_;  // guarded by mutex_
};

}  // namespace parley
