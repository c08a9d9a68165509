#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::json {

class Object;

// A value as JSON text (RFC 8259), in UTF-8; of what is not UTF-8 each part that is none becomes U+FFFD.
class Text {
 public:
  Text(std::string_view value);
  Text(const std::string& value) : Text(std::string_view(value)) {}
  Text(const char* value) : Text(std::string_view(value)) {}
  Text(double value);  // the shortest that is read as the same
  Text(const std::vector<std::string>& values);
  Text(const Object& value);
  template <std::same_as<bool> T>
  Text(T value) : text_(value ? "true" : "false") {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Text(T value) : text_(std::to_string(value)) {}

  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

// An object that is being written: its members, in the order in which they are put. The caller puts no name twice.
class Object {
 public:
  Object() = default;
  Object(std::initializer_list<std::pair<std::string_view, Text>> members);

  Object& put(std::string_view name, const Text& value);
  Object& put_all(const Object& more);

  std::string text() const { return "{" + members_ + "}"; }
  std::string ascii_text() const;  // the same value, other characters as \u escapes

 private:
  std::string members_;
};

}  // namespace parley::json
