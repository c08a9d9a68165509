#include "protocol/json/members.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace parley::json {
namespace {

using Json = nlohmann::json;

// Receives the JSON library's events; returning false ends the reading.
class Collector {
 public:
  explicit Collector(Members& members) : members_(members) {}

  bool null() { return put(Other{}); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(Json::number_integer_t) { return put(Other{}); }
  bool number_unsigned(Json::number_unsigned_t value) { return put(std::uint64_t{value}); }
  bool number_float(Json::number_float_t, const Json::string_t&) { return put(Other{}); }
  bool string(Json::string_t& value) {
    if (depth_ != 2 || !texts_) return put(std::move(value));
    texts_->push_back(std::move(value));
    return true;
  }
  static bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) {
    if (depth_ > 0 && !put(Other{})) return false;
    return ++depth_ <= kMaxDepth;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) {
    if (!put(Other{})) return false;
    if (depth_ == 1) texts_.emplace();
    return ++depth_ <= kMaxDepth;
  }
  bool end_array() { return close(); }
  bool key(Json::string_t& name) {
    if (depth_ > 1) return true;
    name_ = std::move(name);
    return !members_.contains(name_);
  }
  static bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  // False outside the object.
  bool put(Value value) {
    if (depth_ == 1) members_.insert_or_assign(name_, std::move(value));
    if (depth_ == 2) texts_.reset();  // the array has something else in it
    return depth_ > 0;
  }
  bool close() {
    if (--depth_ == 1 && texts_) put(*std::exchange(texts_, std::nullopt));
    return true;
  }

  Members& members_;
  std::string name_;
  std::optional<Texts> texts_;  // of the array that is a member, while there is nothing else in it
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<Members> read_members(std::string_view text) {
  Members members;
  Collector collector(members);
  const bool read = !text.starts_with('\xef') && text.find('\0') == std::string_view::npos &&
                    Json::sax_parse(text.begin(), text.end(), &collector);
  return read ? std::optional(std::move(members)) : std::nullopt;
}

}  // namespace parley::json
