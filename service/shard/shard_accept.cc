#include <string>
#include <utility>

#include "service/log/log.h"
#include "service/net/address.h"
#include "service/net/proxy_reader.h"
#include "service/shard/shard.h"

// The part of a shard that lets connections in, for themselves or through a proxy.

namespace parley {

void Shard::accept(Protocol protocol, Descriptor socket, const sockaddr_storage& peer) {
  if (context_.proxies.contains(peer)) {
    auto place = shared_.admission.admit_unnamed(protocol);
    if (!place) return refuse(protocol, peer, place.error());
    gate_.spawn(context_.executor(), serve_proxied(protocol, std::move(socket), peer, std::move(*place)));
    return;
  }
  const TimePoint now = clock_.now();
  std::string key = address_key(peer);
  auto place = shared_.admission.admit(key, now, protocol);
  if (!place) return refuse(protocol, peer, place.error());
  gate_.spawn(context_.executor(), serve(protocol, std::move(socket), peer, std::move(key), now, std::move(*place)));
}

void Shard::refuse(Protocol protocol, const sockaddr_storage& client, Refusal reason, std::string_view detail) {
  context_.counters.of(protocol).refused_total[static_cast<std::size_t>(reason)].add();
  if (!log_enabled(Level::debug)) return;
  const std::string address = to_string(to_endpoint(client));
  if (detail.empty()) {
    log_event(Level::debug, "connection refused",
              {{"address", address}, {"protocol", label(protocol)}, {"reason", label(reason)}});
  } else {
    log_event(Level::debug, "connection refused",
              {{"address", address}, {"protocol", label(protocol)}, {"reason", label(reason)}, {"detail", detail}});
  }
}

awaitable<void> Shard::serve(Protocol protocol, Descriptor socket, const sockaddr_storage& client, std::string key,
                             TimePoint connected_at, Admission::Place place) {
  context_.counters.of(protocol).connections_total.add();
  LegInfo info{.id = LegId{new_id()},
               .address = to_string(to_endpoint(client)),
               .address_key = std::move(key),
               .connected = std::chrono::system_clock::now(),
               .connected_at = connected_at};
  return protocol == Protocol::classic ? serve_classic(std::move(socket), std::move(info), std::move(place))
                                       : serve_relay(std::move(socket), std::move(info), std::move(place));
}

awaitable<void> Shard::serve_proxied(Protocol protocol, Descriptor socket, sockaddr_storage peer,
                                     Admission::Place place) {
  const TimePoint connected_at = clock_.now();
  const auto header = co_await read_proxy_header(socket);
  if (draining_) {
    refuse(protocol, peer, Refusal::draining);
    co_return;
  }
  if (!header) {
    refuse(protocol, peer, Refusal::bad_proxy_header, header.error());
    co_return;
  }
  const sockaddr_storage client = header->client.value_or(peer);
  std::string key = address_key(client);
  if (const auto counted = shared_.admission.count_for(place, key, clock_.now()); !counted) {
    refuse(protocol, client, counted.error());
    co_return;
  }
  co_await serve(protocol, std::move(socket), client, std::move(key), connected_at, std::move(place));
}

awaitable<tl::expected<ProxyHeader, std::string_view>> Shard::read_proxy_header(const Descriptor& socket) {
  ProxyReader reader(context_.poller, socket.get());
  Deadline deadline(context_.wheel, [&reader] { reader.give_up(); });
  set_deadline(context_, deadline, context_.deadlines.handshake);
  proxy_readers_.insert(&reader);
  if (draining_) reader.give_up();
  auto header = co_await reader.read();
  proxy_readers_.erase(&reader);
  co_return header;
}

}  // namespace parley
