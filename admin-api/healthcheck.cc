#include "admin-api/healthcheck.h"

#include <iostream>
#include <string>

#include "admin-api/admin_client.h"

namespace parley {

namespace {

constexpr std::chrono::seconds kWithin{2};

int fail(const std::string& why) {
  std::cerr << "parleyd: healthcheck: " << why << '\n';
  return 1;
}

// Several lines of a body on one.
std::string joined(std::string body) {
  while (body.ends_with('\n')) body.pop_back();
  for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos;) body.replace(at, 1, ", ");
  return body;
}

}  // namespace

int healthcheck(const AdminSettings& settings) {
  if (settings.listen.empty()) {
    return fail("there is no admin listener to ask; give one with --admin-listen");
  }
  AdminClient client(settings, kWithin);
  const auto answer = client.call("GET", "/healthz");
  if (!answer) return fail(answer.error() + "; is parleyd running, with this --admin-listen?");
  if (answer->status != 200) return fail(client.where() + ": " + joined(answer->body));
  std::cout << joined(answer->body) << '\n';
  return 0;
}

}  // namespace parley
