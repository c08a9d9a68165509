#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace parley {

// The std::error_category of one enum, made of its name and a function that says each value in words: with no default
// branch there, -Wswitch makes missing words an error. What that function has no words for is "unknown error".
template <typename Errc>
class ErrorCategory final : public std::error_category {
 public:
  using Words = std::string_view (*)(Errc);

  constexpr ErrorCategory(const char* name, Words words) : name_(name), words_(words) {}

  const char* name() const noexcept override { return name_; }

  std::string message(int value) const override {
    const std::string_view words = words_(static_cast<Errc>(value));
    return std::string(words.empty() ? "unknown error" : words);
  }

 private:
  const char* name_;
  Words words_;
};

}  // namespace parley
