#pragma once

#include <asio/basic_stream_socket.hpp>
#include <asio/ip/tcp.hpp>
#include <optional>

#include "net/descriptor.h"
#include "net/stream.h"

namespace parley {

class TcpStream final : public Stream {
 public:
  // Takes a connected, non-blocking socket.
  TcpStream(asio::io_context& io, Descriptor socket);

  IoResult read_some(std::span<std::byte> into) override;
  IoResult write_some(std::span<const std::byte> from) override;
  awaitable<void> wait(Ready what) override;
  void cancel() override;
  bool peer_gone() override;
  void shutdown_send() override;
  void close() override;
  void reset() override;
  std::optional<std::chrono::microseconds> round_trip() const override;
  void leave() override;
  void enter(asio::io_context& io, Scratch& scratch) override;

 private:
  // Only readiness is Asio's; reading and writing go to the descriptor directly. None while between two shards.
  mutable std::optional<asio::basic_stream_socket<asio::ip::tcp, Executor>> socket_;
  Descriptor between_shards_;
};

}  // namespace parley
