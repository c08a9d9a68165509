#include "admin-api/json_body.h"

#include <algorithm>
#include <cmath>

#include "admin-api/http/problem.h"
#include "base/ascii.h"
#include "base/trim.h"

namespace parley {

namespace {

// The media type, without its parameters (RFC 9110 section 8.3.1).
bool is_json(std::string_view content_type) {
  return equal_ignoring_case(trim(content_type.substr(0, content_type.find(';')), " \t"), "application/json");
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

}  // namespace

JsonBody::JsonBody(const HttpRequest& request) {
  if (request.body.empty()) return;
  if (!is_json(request.content_type)) {
    refuse(415, "send the body with Content-Type: application/json");
    return;
  }
  object_ = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!object_.is_object()) refuse(400, "the body is not a JSON object");
}

std::string JsonBody::take_word(const char* name, std::span<const std::string_view> words) {
  known_.emplace_back(name);
  if (wrong_) return {};
  const auto found = object_.find(name);
  if (found != object_.end() && found->is_string()) {
    auto word = found->get<std::string>();
    if (std::ranges::find(words, word) != words.end()) return word;
  }
  refuse(400, std::string(name) + ": must be one of " + joined(words));
  return {};
}

void JsonBody::take_seconds_or_null(const char* name, std::optional<std::chrono::milliseconds>& value,
                                    std::chrono::milliseconds most) {
  known_.emplace_back(name);
  if (wrong_) return;
  const auto found = object_.find(name);
  if (found == object_.end()) return;
  if (found->is_null()) return value.reset();
  const std::chrono::duration<double> longest = most;
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= longest.count())) {
    return refuse(400, std::string(name) + ": must be a number of seconds from 0 to " +
                           std::to_string(std::chrono::floor<std::chrono::seconds>(most).count()) + ", or null");
  }
  value = std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::optional<HttpResponse> JsonBody::finish() const {
  if (wrong_) return wrong_;
  for (auto member = object_.begin(); member != object_.end(); ++member) {
    if (std::ranges::find(known_, member.key()) == known_.end()) return problem(400, member.key() + ": unknown member");
  }
  return std::nullopt;
}

void JsonBody::refuse(int status, const std::string& why) {
  if (!wrong_) wrong_ = problem(status, why);
}

}  // namespace parley
