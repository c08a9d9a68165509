#pragma once

#include <optional>

#include "base/descriptor.h"
#include "service/loop/poller.h"
#include "service/net/stream.h"
#include "service/net/vanishing.h"

namespace parley {

class TcpStream final : public Stream {
 public:
  // Takes a connected, non-blocking socket.
  TcpStream(Poller& poller, Descriptor socket);

  IoResult read_some(std::span<std::byte> into) override;
  IoResult write_some(std::span<const std::byte> from) override;
  awaitable<void> wait(Ready what) override;
  void cancel() override;
  bool peer_gone() override;
  void shutdown_send() override;
  void close() override;
  void reset() override;
  void leave() override { watch_.reset(); }
  void enter(Poller& poller, Scratch& scratch) override;
  void cut() override;
  std::optional<std::chrono::milliseconds> silent_for() const override;
  void ask_for_life(bool ask) override;
  std::optional<std::chrono::microseconds> round_trip() const override;

 private:
  Descriptor socket_;
  std::optional<KeepaliveTimes> before_asking_;
  std::optional<Poller::Watch> watch_;  // none between two shards, or once closed
};

}  // namespace parley
