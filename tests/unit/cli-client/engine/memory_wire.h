#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "cli-client/net/connection.h"
#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"

namespace parley::client {

// The relay's end of a connection that an Engine has dialled, in memory: no name, no socket, no TLS. It answers PING,
// and does nothing else by itself; a test, or MemoryRelay, opens it, speaks and ends it.
struct Wire {
  // What the relay does.
  bool open = false;
  Bytes to_client;
  std::optional<ConnectionFault> fault;  // ends it, once to_client has been read
  bool takes = true;                     // what the client sends; else that stays unsent
  bool answers_ping = true;
  std::size_t undelivered = 0;  // of what it has taken, and has not got yet
  bool trickles = false;        // a byte of that gets there each time the client looks

  // What the client does.
  TimePoint dialled_at;
  std::chrono::milliseconds timeout{};
  Bytes from_client;
  Bytes unsent;
  bool finished = false;  // says that nothing more will come
  bool dropped = false;   // by the client

  std::function<void()> on_taken;  // each time that something has come

  int pings = 0;
  struct Frame {
    relay::FrameType type;
    std::string payload;
  };
  std::deque<Frame> frames;  // but for PING; see hear()

  void say(const std::string& frame) { append(to_client, as_bytes(frame)); }
  void say(relay::FrameType type, ByteView payload = {}) {
    Bytes header(relay::kHeaderBytes);
    relay::encode_header(type, payload.size(), std::span<std::byte, relay::kHeaderBytes>(header));
    append(to_client, header);
    append(to_client, payload);
  }
  void end(ConnectionFault::Kind kind, std::string text = "it broke off") { fault = {kind, std::move(text), {}}; }

  // The next frame that the client has sent; nullopt: none yet.
  std::optional<Frame> hear() {
    if (frames.empty()) return std::nullopt;
    Frame frame = std::move(frames.front());
    frames.pop_front();
    return frame;
  }
  void take(ByteView bytes) {
    append(from_client, bytes);
    if (on_taken && !bytes.empty()) on_taken();
    relay::FrameReader reader(from_client, relay::Sender::client);
    while (const auto frame = reader.next().value()) {
      if (frame->type != relay::FrameType::ping) {
        frames.push_back({frame->type, std::string(as_text(frame->payload()))});
      } else if (++pings; answers_ping) {
        say(relay::FrameType::pong, frame->payload());
      }
    }
    from_client.erase(from_client.begin(), from_client.begin() + static_cast<std::ptrdiff_t>(reader.consumed()));
  }

  // What poll(2) would say.
  short ready(short wanted) const {
    const bool input = open ? !to_client.empty() || fault.has_value() : fault.has_value();
    return static_cast<short>(input ? wanted & POLLIN : 0);
  }
};

// The client's end.
class MemoryConnection final : public Connection {
 public:
  explicit MemoryConnection(std::shared_ptr<Wire> wire) : wire_(std::move(wire)), last_heard_(wire_->dialled_at) {}
  ~MemoryConnection() override { wire_->dropped = true; }

  State state() const override { return fault_ ? State::ended : reached_ ? State::open : State::opening; }
  const std::optional<Reached>& reached() const override { return reached_; }
  const ConnectionFault& fault() const override { return *fault_; }
  pollfd wanted() const override { return {-1, POLLIN, 0}; }
  std::optional<TimePoint> deadline() const override {
    return state() == State::opening ? std::optional(wire_->dialled_at + wire_->timeout) : std::nullopt;
  }
  void advance(short events, TimePoint now) override {
    if (fault_) return;
    if (wire_->open && !reached_) {
      reached_ = Reached{Pin{std::byte{7}}, "192.0.2.1:10443", wire_->dialled_at, now, now, now};
      last_heard_ = now;
    }
    if ((events & POLLIN) != 0 && !wire_->to_client.empty()) {
      append(received_, std::exchange(wire_->to_client, {}));
      last_heard_ = now;
    }
    pass_on();
    if (wire_->fault && wire_->to_client.empty()) fault_ = wire_->fault;
    if (!fault_ && !reached_ && now >= *deadline()) {
      fault_ = ConnectionFault{ConnectionFault::Kind::unreachable, "no answer", {}};
    }
  }
  Bytes& received() override { return received_; }
  TimePoint last_heard() const override { return last_heard_; }
  void send(ByteView bytes) override {
    if (state() != State::open) return;
    append(wire_->unsent, bytes);
    pass_on();
  }
  std::size_t unsent() const override { return wire_->unsent.size(); }
  std::size_t undelivered() const override {
    if (wire_->trickles) --wire_->undelivered;
    return unsent() + wire_->undelivered;
  }
  void finish() override { wire_->finished = true; }

 private:
  void pass_on() {
    if (wire_->takes) wire_->take(std::exchange(wire_->unsent, {}));
  }

  std::shared_ptr<Wire> wire_;
  TimePoint last_heard_;
  std::optional<Reached> reached_;
  std::optional<ConnectionFault> fault_;
  Bytes received_;
};

// Dials wires, which a test finds in `wires`, in order.
inline Dial over_memory(std::vector<std::shared_ptr<Wire>>& wires) {
  return [&wires](const Endpoint&, std::chrono::milliseconds timeout, TimePoint now) {
    wires.push_back(std::make_shared<Wire>());
    wires.back()->dialled_at = now;
    wires.back()->timeout = timeout;
    return std::make_unique<MemoryConnection>(wires.back());
  };
}

}  // namespace parley::client
