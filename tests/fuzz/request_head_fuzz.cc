// The head of an HTTP request, of any bytes: refused, or made into one that no reader takes otherwise. And the body
// that may follow it: a JSON object, or an answer that says what is wrong.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "admin-api/http/request_head.h"
#include "admin-api/json_body.h"
#include "service/log/log.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley;
using parley::fuzz::require;

void check_head(std::string_view text) {
  const auto head = normalize_head(text);
  if (!head) return require(!head.error().empty());
  std::string_view rest = head->text;
  require(rest.find("\r\n\r\n") == rest.size() - 4);
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    require(rest.substr(0, end).find_first_of(std::string_view("\r\n\0", 3)) == rest.npos);
    rest.remove_prefix(end + 2);
  }
  require(!(head->chunked && head->body_bytes > 0));
  const auto again = normalize_head(head->text);
  require(again && again->text == head->text && again->body_bytes == head->body_bytes);
  require(again->chunked == head->chunked && !again->expects_continue);
}

void check_body(std::string_view text) {
  HttpRequest request;
  request.content_type = "application/json";
  request.body = text;
  JsonBody body(request);
  const std::string level = body.take_word("level", kLogLevelNames);
  std::optional<std::chrono::milliseconds> time;
  body.take_seconds_or_null("for_s", time, std::chrono::hours{1});
  const auto wrong = body.finish();
  require(wrong ? wrong->status == 400 : parse_log_level(level).has_value());
  require(!time || (time->count() >= 0 && *time <= std::chrono::hours{1}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  text.starts_with('{') ? check_body(text) : check_head(text);
  return 0;
}
