#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin-api/authorization.h"
#include "admin-api/http/problem.h"
#include "admin-api/metrics.h"
#include "admin-api/session_query.h"
#include "tests/fuzz/input.h"

// What a request says that is parsed here, not in the HTTP library. The input is lines: Host, Authorization, Accept,
// then a line for each parameter of the query, NAME=VALUE.

namespace {

using namespace parley;
using parley::fuzz::require;

std::string take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string line(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string host = take_line(rest), authorization = take_line(rest), accept = take_line(rest);

  const std::string token = "s3cret";
  const bool loopback = names_loopback(host);
  for (const char* address : {"127.0.0.1", "0.0.0.0"}) {
    const bool open = authorize({}, {address, 8080}, {authorization}, {host}).access == Access::allowed;
    require(open == (loopback && is_loopback(address)));
    const bool known = authorize(&token, {address, 8080}, {authorization}, {host}).access == Access::allowed;
    require(!known || authorization.ends_with(" s3cret"));
  }
  is_loopback(host);
  negotiate_format(accept);

  std::vector<NameValue> query;
  while (!rest.empty()) {
    const std::string line = take_line(rest);
    const std::size_t equals = line.find('=');
    query.emplace_back(line.substr(0, equals), equals == std::string::npos ? "" : line.substr(equals + 1));
  }
  const auto parsed = parse_session_query(query);
  if (parsed) {
    require(parsed->limit >= 1 && parsed->limit <= kMaxSessionsPerPage);
  } else {
    require(problem(400, parsed.error()).status == 400);
  }
  return 0;
}
