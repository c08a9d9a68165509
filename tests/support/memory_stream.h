#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/loop/event.h"
#include "service/net/stream.h"

namespace parley::test {

// One connection held in memory: the Stream that a leg is given, and what its peer does, for the test.
struct MemoryConnection {
  // What the peer has sent and the leg has not read.
  std::vector<std::byte> to_leg;
  bool peer_closed = false;
  bool broken = false;

  // What the leg has sent and the peer has not read; as many bytes as fit `window`.
  std::vector<std::byte> to_peer;
  std::size_t window = 64 * 1024;
  bool leg_shut_down = false;  // the leg has closed its sending side
  bool leg_closed = false;
  bool leg_reset = false;  // closed so that the peer knows of a loss

  std::vector<std::size_t> writes;  // the length of each write of the leg

  Event readable;
  Event writable;

  void peer_sends(std::span<const std::byte> bytes) {
    to_leg.insert(to_leg.end(), bytes.begin(), bytes.end());
    readable.notify();
  }
  void peer_sends(std::string_view text) { peer_sends(std::as_bytes(std::span(text))); }
  void peer_closes() {
    peer_closed = true;
    readable.notify();
  }
  void connection_breaks() {
    broken = true;
    readable.notify();
    writable.notify();
  }
  std::vector<std::byte> peer_takes() {
    writes.clear();
    writable.notify();
    return std::exchange(to_peer, {});
  }
};

class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(std::shared_ptr<MemoryConnection> connection) : connection_(std::move(connection)) {}

  IoResult read_some(std::span<std::byte> into) override {
    auto& from = connection_->to_leg;
    if (connection_->broken || connection_->leg_closed) return {IoStatus::failed, 0};
    if (from.empty()) return {connection_->peer_closed ? IoStatus::closed : IoStatus::would_block, 0};
    const std::size_t count = std::min(into.size(), from.size());
    std::copy_n(from.begin(), count, into.begin());
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    return {IoStatus::ok, count, !from.empty()};
  }

  IoResult write_some(std::span<const std::byte> from) override {
    if (connection_->broken || connection_->leg_closed) return {IoStatus::failed, 0};
    auto& to = connection_->to_peer;
    const std::size_t count = std::min(from.size(), connection_->window - std::min(connection_->window, to.size()));
    if (count == 0) return {IoStatus::would_block, 0};
    to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    connection_->writes.push_back(count);
    return {IoStatus::ok, count};
  }

  awaitable<void> wait(Ready what) override {
    auto& c = *connection_;
    const auto ready = [&c, what] {
      if (c.broken || c.leg_closed) return true;
      return what == Ready::read ? !c.to_leg.empty() || c.peer_closed : c.to_peer.size() < c.window;
    };
    if (!ready()) co_await (what == Ready::read ? c.readable : c.writable).wait();
  }

  void cancel() override {
    connection_->readable.notify();
    connection_->writable.notify();
  }
  bool peer_gone() override { return connection_->peer_closed || connection_->broken || connection_->leg_closed; }
  void shutdown_send() override { connection_->leg_shut_down = true; }
  void close() override {
    connection_->leg_closed = true;
    cancel();
  }
  void reset() override {
    connection_->leg_reset = true;
    close();
  }
  void leave() override {}
  void enter(Poller&, Scratch&) override {}
  void cut() override { connection_->peer_closed = true; }
  std::optional<std::chrono::microseconds> round_trip() const override { return std::nullopt; }

 private:
  std::shared_ptr<MemoryConnection> connection_;
};

}  // namespace parley::test
