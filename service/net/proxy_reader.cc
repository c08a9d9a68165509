#include "service/net/proxy_reader.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace parley {

awaitable<tl::expected<ProxyHeader, std::string_view>> ProxyReader::read() {
  while (!given_up_) {
    const bool all_there = watch_.ended;
    const auto header = look();
    if (!header) co_return tl::make_unexpected(header.error());
    if (*header) co_return **header;
    if (all_there) co_return tl::make_unexpected(std::string_view("the connection ended within the PROXY header"));
    // What has been looked at is still there to be read: only more of it is news.
    watch_.readable.clear();
    co_await watch_.readable.wait();
  }
  co_return tl::make_unexpected(std::string_view("no whole PROXY header in time"));
}

tl::expected<std::optional<ProxyHeader>, std::string_view> ProxyReader::look() {
  std::array<std::byte, kMaxProxyHeaderBytes> front;
  const ssize_t there = ::recv(socket_, front.data(), front.size(), MSG_PEEK);
  if (there < 0 && errno == EAGAIN) return std::nullopt;
  if (there <= 0) return tl::make_unexpected(std::string_view("the connection ended before a PROXY header"));
  const auto header = parse_proxy_header(std::span(front).first(static_cast<std::size_t>(there)));
  if (header && *header) ::recv(socket_, front.data(), (*header)->bytes, 0);  // it is there: no more, no less
  return header;
}

void ProxyReader::give_up() {
  given_up_ = true;
  watch_.readable.notify();
}

}  // namespace parley
