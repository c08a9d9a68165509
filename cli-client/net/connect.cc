#include "cli-client/net/connect.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/duration.h"
#include "base/errno_text.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;

milliseconds remaining(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(0));
}

// Returns 0, or the errno of why there is no connection.
int wait_connected(int fd, std::optional<milliseconds> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(milliseconds(0));
  pollfd ready{fd, POLLOUT, 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1,
                   timeout ? static_cast<int>(std::min<std::int64_t>(remaining(deadline).count(), 1 << 30)) : -1);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno;
  return count == 0 ? ETIMEDOUT : connect_error(fd);
}

void set_options(int fd) {
  const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // A relay that is gone without a word is noticed in two minutes also when nobody writes.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
  // What waits to be sent waits here, not in the kernel, where a PING could not overtake megabytes.
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 128 * 1024);
}

}  // namespace

tl::expected<Descriptor, int> begin_connect(const Address& address) {
  Descriptor fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return tl::unexpected(errno);
  set_options(fd.get());
  const int result = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.bytes);
  if (result != 0 && errno != EINPROGRESS) return tl::unexpected(errno);
  return fd;
}

int connect_error(int socket) {
  int error = 0;
  socklen_t bytes = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 ? error : errno;
}

std::string explain(const Endpoint& endpoint, const std::vector<ConnectFailure>& failures,
                    std::optional<milliseconds> timeout) {
  const auto all = [&](int error) {
    return std::all_of(failures.begin(), failures.end(), [error](const ConnectFailure& f) { return f.error == error; });
  };
  std::string tried;
  for (const ConnectFailure& failure : failures) tried += (tried.empty() ? "" : ", ") + failure.address;
  const std::string where = endpoint.text() + (tried == endpoint.text() ? "" : " (" + tried + ")");
  if (all(ECONNREFUSED)) {
    return "nothing listens at " + where + ": connection refused; is parleyd running there?";
  }
  if (all(ETIMEDOUT)) {
    return "no answer from " + where + (timeout ? " within " + duration_text(*timeout) : "") +
           ": timed out; check the host, the port and the firewalls between";
  }
  std::string text = "cannot connect to " + endpoint.text() + ":";
  for (const ConnectFailure& failure : failures) text += " " + failure.address + ": " + errno_text(failure.error) + ";";
  return text + " check the host and the network";
}

std::string Address::text() const {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), bytes, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  return storage.ss_family == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

tl::expected<std::vector<Address>, std::string> resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
  if (error != 0) {
    const std::string why = error == EAI_SYSTEM ? errno_text() : std::string(::gai_strerror(error));
    return tl::unexpected("cannot find the host " + endpoint.host + ": " + why +
                          (error == EAI_AGAIN ? "; is there a network?" : "; check its spelling"));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    Address& address = addresses.emplace_back();
    address.bytes = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  return addresses;
}

tl::expected<ClassicConnection, std::string> connect(const Endpoint& endpoint, const std::vector<Address>& addresses,
                                                     std::optional<std::chrono::milliseconds> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(milliseconds(0));
  std::vector<ConnectFailure> failures;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto share = timeout ? std::optional(remaining(deadline) / static_cast<int>(addresses.size() - i)) : timeout;
    auto socket = begin_connect(addresses[i]);
    const int error = socket ? wait_connected(socket->get(), share) : socket.error();
    if (error == 0) return ClassicConnection{std::move(*socket), addresses[i]};
    failures.push_back({addresses[i].text(), error});
  }
  return tl::unexpected(explain(endpoint, failures, timeout));
}

}  // namespace parley::client
