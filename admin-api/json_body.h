#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin-api/http/http_message.h"

namespace parley {

// The JSON object that a request brings, or none, which is as an empty one. Its members are taken one after the other;
// finish() says what was wrong.
class JsonBody {
 public:
  explicit JsonBody(const HttpRequest& request);

  // A member that must be there, and one of the words. Empty when it is not.
  std::string take_word(const char* name, std::span<const std::string_view> words);
  // A number of seconds, from 0 to `most`, or null, which makes it nullopt. Not there: `value` stays.
  void take_seconds_or_null(const char* name, std::optional<std::chrono::milliseconds>& value,
                            std::chrono::milliseconds most);
  // nullopt: all was well, and there was no other member. Else the answer.
  std::optional<HttpResponse> finish() const;

 private:
  void refuse(int status, const std::string& why);

  nlohmann::json object_ = nlohmann::json::object();
  std::vector<std::string> known_;
  std::optional<HttpResponse> wrong_;
};

}  // namespace parley
