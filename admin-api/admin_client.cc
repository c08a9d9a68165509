#include "admin-api/admin_client.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/errno_text.h"

namespace parley {

namespace {

// Where to reach a listener that listens on all addresses.
Endpoint reachable(Endpoint listener) {
  if (listener.address == "0.0.0.0") listener.address = "127.0.0.1";
  if (listener.address == "::") listener.address = "::1";
  return listener;
}

// httplib's own words are the names of its enumerators, and others in each version.
std::string why(httplib::Error error, std::chrono::seconds within) {
  const std::string in_time = " within " + std::to_string(within.count()) + " s";
  switch (error) {
    case httplib::Error::Connection:
      return errno == EACCES || errno == ENOENT ? errno_text() : "connection refused";
    case httplib::Error::ConnectionTimeout:
      return "no connection" + in_time;
    case httplib::Error::Read:
      return "no answer" + in_time;
    default:
      return "no answer (" + httplib::to_string(error) + ")";
  }
}

}  // namespace

AdminClient::AdminClient(const Endpoint& listener, const std::optional<std::string>& token, std::chrono::seconds within)
    : within_(within), token_(token) {
  const Endpoint asked = reachable(listener);
  where_ = to_string(asked);
  if (const auto path = unix_path(asked)) {
    client_ = std::make_unique<httplib::ClientImpl>(*path);
    client_->set_address_family(AF_UNIX);
    client_->set_default_headers({{"Host", "localhost"}});
  } else {
    client_ = std::make_unique<httplib::ClientImpl>(asked.address, asked.port);
  }
  client_->set_connection_timeout(within);
  client_->set_read_timeout(within);
  client_->set_write_timeout(within);
}

AdminClient::~AdminClient() = default;

tl::expected<AdminAnswer, std::string> AdminClient::call(const std::string& method, const std::string& path,
                                                         const std::string& json) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = json;
  if (!json.empty()) request.set_header("Content-Type", "application/json");
  if (token_) request.set_header("Authorization", "Bearer " + *token_);
  errno = 0;
  const httplib::Result result = client_->send(request);
  if (!result) return tl::unexpected(where_ + ": " + why(result.error(), within_));
  return AdminAnswer{result->status, result->body};
}

}  // namespace parley
