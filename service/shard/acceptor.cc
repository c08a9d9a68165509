#include "service/shard/acceptor.h"

#include <asio/post.hpp>
#include <utility>

#include "service/log/log.h"
#include "service/loop/event.h"
#include "service/net/address.h"
#include "service/net/tcp_stream.h"
#include "service/net/tls_stream.h"
#include "service/net/vanishing.h"

namespace parley {

// A connection that waits for a key of ours. Shared with the key pool's callback, which may come late.
struct Acceptor::KeyWait {
  Event event;
  rsa::KeyPtr key;
  bool over = false;
};

void Acceptor::add_listener(Descriptor socket, Protocol protocol) {
  auto listener = std::make_unique<Listener>(
      shard_.io, std::move(socket),
      [this, protocol](Descriptor accepted, const sockaddr_storage& peer) {
        accept(protocol, std::move(accepted), peer);
      },
      [this, protocol] {
        shard_.counters.of(protocol).refused_total[static_cast<std::size_t>(Refusal::no_descriptors)].add();
      });
  entrances_.push_back({protocol, std::move(listener)});
}

void Acceptor::run() {
  for (const Entrance& entrance : entrances_) shard_.spawn(entrance.listener->run());
}

void Acceptor::drain(Protocol protocol, Listeners listeners) {
  if (listeners == Listeners::stay && protocol == Protocol::relay) return;
  draining_[static_cast<std::size_t>(protocol)] = true;
  for (const Entrance& entrance : entrances_) {
    if (entrance.protocol == protocol && listeners == Listeners::close) entrance.listener->close();
  }
  for (const auto& [reader, whose] : proxy_readers_) {
    if (whose == protocol) reader->give_up();
  }
  if (protocol == Protocol::classic) {
    for (KeyWait* wait : key_waits_) wait->event.notify();
  }
  for (Leg* leg : handshaking_) {
    if (leg->protocol() == protocol) leg->send_away(EndReason::draining);
  }
}

void Acceptor::abort() {
  for (Leg* leg : handshaking_) leg->abort(EndReason::draining);
}

void Acceptor::accept(Protocol protocol, Descriptor socket, const sockaddr_storage& peer) {
  if (draining(protocol)) return refuse(protocol, peer, Refusal::draining);
  if (shard_.proxies.contains(peer)) {
    auto place = services_.admission.admit_unnamed(protocol);
    if (!place) return refuse(protocol, peer, place.error());
    notice_vanishing(socket.get(), shard_.deadlines.write);
    shard_.spawn(serve_proxied(protocol, std::move(socket), peer, std::move(*place)));
    return;
  }
  const TimePoint now = shard_.now();
  std::string key = address_key(peer);
  auto place = services_.admission.admit(key, now, protocol);
  if (!place) return refuse(protocol, peer, place.error());
  notice_vanishing(socket.get(), shard_.deadlines.write);
  shard_.spawn(serve(protocol, std::move(socket), peer, std::move(key), now, std::move(*place)));
}

void Acceptor::refuse(Protocol protocol, const sockaddr_storage& client, Refusal reason, std::string_view detail) {
  shard_.counters.of(protocol).refused_total[static_cast<std::size_t>(reason)].add();
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

awaitable<void> Acceptor::serve(Protocol protocol, Descriptor socket, const sockaddr_storage& client, std::string key,
                                TimePoint connected_at, Admission::Place place) {
  shard_.counters.of(protocol).connections_total.add();
  LegInfo info{.id = LegId{services_.next_id.fetch_add(1, std::memory_order_relaxed)},
               .address = to_string(to_endpoint(client)),
               .address_key = std::move(key),
               .connected = shard_.wall_now(),
               .connected_at = connected_at};
  return protocol == Protocol::classic ? serve_classic(std::move(socket), std::move(info), std::move(place))
                                       : serve_relay(std::move(socket), std::move(info), std::move(place));
}

awaitable<void> Acceptor::serve_proxied(Protocol protocol, Descriptor socket, sockaddr_storage peer,
                                        Admission::Place place) {
  const TimePoint connected_at = shard_.now();
  const auto header = co_await read_proxy_header(protocol, socket);
  if (draining(protocol)) {
    refuse(protocol, peer, Refusal::draining);
    co_return;
  }
  if (!header) {
    refuse(protocol, peer, Refusal::bad_proxy_header, header.error());
    co_return;
  }
  const sockaddr_storage client = header->client.value_or(peer);
  std::string key = address_key(client);
  if (const auto counted = services_.admission.count_for(place, key, shard_.now()); !counted) {
    refuse(protocol, client, counted.error());
    co_return;
  }
  co_await serve(protocol, std::move(socket), client, std::move(key), connected_at, std::move(place));
}

awaitable<tl::expected<ProxyHeader, std::string_view>> Acceptor::read_proxy_header(Protocol protocol,
                                                                                   const Descriptor& socket) {
  ProxyReader reader(shard_.poller, socket.get());
  Deadline deadline(shard_.wheel, [&reader] { reader.give_up(); });
  set_deadline(shard_, deadline, shard_.deadlines.handshake);
  proxy_readers_.emplace(&reader, protocol);
  if (draining(protocol)) reader.give_up();
  auto header = co_await reader.read();
  proxy_readers_.erase(&reader);
  co_return header;
}

awaitable<rsa::KeyPtr> Acceptor::take_key(const LegInfo& info) {
  const auto wait = std::make_shared<KeyWait>();
  rsa::KeyPool::Wait place;
  auto on_key = [this, wait](rsa::KeyPtr key) {
    asio::post(shard_.io, [this, wait, key = std::move(key)]() mutable {
      if (wait->over) {
        services_.key_pool.give_back(std::move(key));
      } else {
        wait->key = std::move(key);
        wait->event.notify();
      }
    });
  };
  if (auto key = services_.key_pool.take(info.address_key, place, std::move(on_key))) co_return key;
  Deadline deadline(shard_.wheel, [wait = wait.get()] { wait->event.notify(); });
  set_deadline(shard_, deadline, shard_.deadlines.handshake);
  key_waits_.insert(wait.get());
  if (!draining(Protocol::classic)) co_await wait->event.wait();
  key_waits_.erase(wait.get());
  place.cancel();
  wait->over = true;
  co_return std::move(wait->key);
}

awaitable<void> Acceptor::serve_classic(Descriptor socket, LegInfo info, Admission::Place place) {
  rsa::KeyPtr key = co_await take_key(info);
  if (!key) {
    const EndReason reason = draining(Protocol::classic) ? EndReason::draining : EndReason::key_pool_empty;
    shard_.counters.of(Protocol::classic).leg_ends_total[static_cast<std::size_t>(reason)].add();
    co_return;
  }
  ClassicState state;
  state.info = std::move(info);
  state.place = std::move(place);
  state.relay_key = std::move(key);
  state.give_back_key = [&pool = services_.key_pool](rsa::KeyPtr unused) { pool.give_back(std::move(unused)); };
  auto leg = std::make_unique<ClassicLeg>(shard_, std::make_unique<TcpStream>(shard_.poller, std::move(socket)),
                                          std::move(state));
  if (const auto failed = co_await greet(*leg)) {
    dismissed_.add(std::move(leg), *failed);
  } else {
    classic_.arrive(std::move(leg));
  }
}

awaitable<void> Acceptor::serve_relay(Descriptor socket, LegInfo info, Admission::Place place) {
  const auto credentials = shard_.credentials;
  auto stream =
      std::make_unique<TlsStream>(std::shared_ptr<const TlsContext>(credentials, &credentials->tls),
                                  std::make_unique<TcpStream>(shard_.poller, std::move(socket)), shard_.scratch);
  auto leg = std::make_unique<RelayLeg>(
      shard_, std::move(stream),
      RelayState{.info = std::move(info), .place = std::move(place), .credentials = credentials});
  if (const auto failed = co_await greet(*leg)) {
    dismissed_.add(std::move(leg), *failed);
    co_return;
  }
  if (credentials->access) {
    const auto& token = leg->hello().access;
    const auto name = token ? credentials->access->check(*token) : std::nullopt;
    if (!name) {
      dismissed_.add(std::move(leg), EndReason::unauthorized);
      co_return;
    }
    log_event(Level::info, "access granted",
              {{"leg", to_string(leg->info().id)}, {"address", leg->info().address}, {"name", *name}});
  }
  relay_.arrive(std::move(leg));
}

awaitable<std::optional<EndReason>> Acceptor::greet(Leg& leg) {
  if (draining(leg.protocol())) leg.send_away(EndReason::draining);  // its key came late
  handshaking_.insert(&leg);
  const auto failed = co_await leg.handshake();
  handshaking_.erase(&leg);
  if (!failed) shard_.counters.of(leg.protocol()).handshake_seconds.observe(shard_.now() - leg.info().connected_at);
  co_return failed;
}

}  // namespace parley
