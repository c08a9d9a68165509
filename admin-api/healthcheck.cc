#include "admin-api/healthcheck.h"

#include <httplib.h>

#include <iostream>
#include <string>

namespace parley {

namespace {

constexpr time_t kTimeoutSeconds = 2;

// Where to reach a listener that listens on all addresses.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "::1";
  return address;
}

int fail(const std::string& why) {
  std::cerr << "parleyd: healthcheck: " << why << '\n';
  return 1;
}

// httplib's own words are the names of its enumerators, and others in each version.
std::string why(httplib::Error error) {
  const std::string within = " within " + std::to_string(kTimeoutSeconds) + " s";
  switch (error) {
    case httplib::Error::Connection:
      return "connection refused";
    case httplib::Error::ConnectionTimeout:
      return "no connection" + within;
    case httplib::Error::Read:
      return "no answer" + within;
    default:
      return "no answer (" + httplib::to_string(error) + ")";
  }
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
  const Endpoint asked{reachable(settings.listen.front().address), settings.listen.front().port};
  httplib::Client client(asked.address, asked.port);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  client.set_write_timeout(kTimeoutSeconds);
  const httplib::Result result = client.Get("/healthz");
  if (!result) {
    return fail(to_string(asked) + ": " + why(result.error()) + "; is parleyd running, with this --admin-listen?");
  }
  if (result->status != 200) return fail(to_string(asked) + ": " + joined(result->body));
  std::cout << joined(result->body) << '\n';
  return 0;
}

}  // namespace parley
