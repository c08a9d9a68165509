#include "bench/relay_pairs.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "protocol/relay/control.h"
#include "protocol/relay/frame.h"

namespace parley::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSmallBytes = 64;
// Fills a record, with the header where there is one.
constexpr std::size_t kRecordBytes = relay::kMaxFrameBytes;
constexpr std::size_t kRecordsASend = 4;
constexpr std::size_t kConnectingAtOnce = 16;
constexpr auto kPatience = 10s;
constexpr std::uint64_t kListener = UINT64_MAX;

}  // namespace

struct RelayPairs::End {
  End(SSL_CTX* context, int descriptor, TlsEnd::Role role) : tls(context, descriptor, role) {}

  TlsEnd tls;
  std::string room;
  std::size_t partner = kNobody;
  bool watches_writable = false;
  std::vector<std::byte> partial;     // the beginning of a message
  std::deque<Clock::time_point> due;  // of what is under way to this end
};

RelayPairs::RelayPairs(const RelayAddress& relay)
    : relay_(relay),
      client_(client_context(relay.protocol == Protocol::relay1 ? "relay/1" : "")),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      scratch_(8 * kRecordBytes),
      outgoing_(kRecordBytes) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (relay.protocol != Protocol::upstream) return;
  server_ = server_context(relay.certificate, relay.key);
  listener_ = listen_on(relay.upstream_port);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kListener;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

RelayPairs::~RelayPairs() {
  if (listener_ >= 0) ::close(listener_);
  ::close(epoll_);
}

void RelayPairs::watch(std::size_t index, std::uint32_t events, int how) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = index;
  if (epoll_ctl(epoll_, how, ends_[index]->tls.descriptor(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void RelayPairs::add_end(int descriptor, TlsEnd::Role role) {
  SSL_CTX* const context = role == TlsEnd::Role::client ? client_.get() : server_.get();
  ends_.push_back(std::make_unique<End>(context, descriptor, role));
  watch(ends_.size() - 1, EPOLLIN, EPOLL_CTL_ADD);
  if (role == TlsEnd::Role::client) ends_.back()->tls.handshake();
}

void RelayPairs::connect_pair() {
  const std::string room = "bench-" + std::to_string(getpid()) + "-" + std::to_string(rooms_++);
  for (int end = 0; end < (relay_.protocol == Protocol::upstream ? 1 : 2); ++end) {
    add_end(connect_to(relay_.port), TlsEnd::Role::client);
    ends_.back()->room = room;
  }
}

void RelayPairs::open(std::size_t pairs) {
  pattern_ = Pattern::introduction;
  message_bytes_ = kSmallBytes;
  std::size_t begun = size();
  while (size() < pairs) {
    for (; begun < std::min(pairs, size() + kConnectingAtOnce); ++begun) connect_pair();
    if (!poll(kPatience)) throw std::runtime_error("no pair came about in ten seconds");
  }
}

void RelayPairs::close() {
  if (relay_.protocol == Protocol::relay1) {
    const std::string bye = relay::to_frame(relay::FrameType::bye);
    for (auto& end : ends_) {
      end->tls.write(std::as_bytes(std::span(bye)));
      end->tls.flush();
    }
  }
  ends_.clear();
  firsts_.clear();
  partners_ = 0;
}

bool RelayPairs::poll(std::chrono::nanoseconds patience) {
  std::array<epoll_event, 256> events;
  patience = std::max(patience, 0ns);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec timeout{seconds.count(), (patience - seconds).count()};
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0) {
    // Stopped and continued: how long it was is not known, and no sign that nothing happens.
    if (errno == EINTR) return true;
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  }
  for (const auto& event : std::span(events).first(static_cast<std::size_t>(count))) {
    if (event.data.u64 != kListener) {
      handle(event.data.u64, event.events);
      continue;
    }
    for (int descriptor = accept_from(listener_); descriptor >= 0; descriptor = accept_from(listener_)) {
      add_end(descriptor, TlsEnd::Role::server);
    }
  }
  return count > 0;
}

void RelayPairs::handle(std::size_t index, std::uint32_t events) {
  End& end = *ends_[index];
  if (!end.tls.ready()) {
    end.tls.handshake();
    if (!end.tls.ready()) return;
    if (relay_.protocol == Protocol::relay1) {
      const std::string hello = relay::to_frame(relay::Hello{.room = end.room});
      end.tls.write(std::as_bytes(std::span(hello)));
      end.tls.flush();
    } else if (!end.room.empty()) {
      send_message(index);
    }
    if (!end.tls.read_ahead()) return;
    events |= EPOLLIN;
  }
  if (events & EPOLLOUT) {
    if (pattern_ == Pattern::stream && Clock::now() < deadline_) {
      send_more(index);
    } else {
      flush(index);
    }
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(index);
}

void RelayPairs::receive(std::size_t index) {
  End& end = *ends_[index];
  do {
    std::ranges::copy(end.partial, scratch_.begin());
    const std::size_t kept = end.partial.size();
    const std::size_t length = end.tls.read(std::span(scratch_).subspan(kept));
    if (length == 0) return;
    const auto bytes = std::span(scratch_).first(kept + length);
    const std::size_t taken = relay_.protocol == Protocol::relay1 ? take_frames(index, bytes) : take_raw(index, bytes);
    end.partial.assign(bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
  } while (end.tls.read_ahead());
}

std::size_t RelayPairs::take_frames(std::size_t index, std::span<std::byte> bytes) {
  relay::FrameReader reader(bytes, relay::Sender::relay);
  while (true) {
    const auto frame = reader.next();
    if (!frame) throw std::system_error(frame.error(), "the relay's frame");
    if (!*frame) return reader.consumed();
    const auto payload = (*frame)->payload();
    switch ((*frame)->type) {
      case relay::FrameType::data:
        take_message(index, payload);
        break;
      case relay::FrameType::paired:
        send_message(index);
        break;
      case relay::FrameType::waiting:
      case relay::FrameType::pong:
        break;
      case relay::FrameType::ping: {
        const std::string pong = relay::to_frame(relay::FrameType::pong, payload);
        ends_[index]->tls.write(std::as_bytes(std::span(pong)));
        flush(index);
        break;
      }
      default:
        throw std::runtime_error("the relay said " +
                                 std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
    }
  }
}

std::size_t RelayPairs::take_raw(std::size_t index, std::span<std::byte> bytes) {
  std::size_t taken = 0;
  for (; bytes.size() - taken >= message_bytes_; taken += message_bytes_) {
    take_message(index, bytes.subspan(taken, message_bytes_));
  }
  return taken;
}

void RelayPairs::meet(std::size_t index, std::size_t partner) {
  End& end = *ends_[index];
  if (partner >= ends_.size() || end.partner != kNobody) throw std::runtime_error("the relay mixes messages up");
  end.partner = partner;
  ++partners_;
  if (ends_[partner]->partner == index) firsts_.push_back(std::min(index, partner));
  // One that the relay has connected to us answers; the others have spoken by themselves.
  if (relay_.protocol == Protocol::upstream && end.room.empty()) send_message(index);
}

void RelayPairs::take_message(std::size_t index, std::span<const std::byte> message) {
  std::uint32_t sender = 0;
  std::memcpy(&sender, message.data(), sizeof sender);
  if (message.size() != message_bytes_) throw std::runtime_error("a message came with another length");
  if (pattern_ == Pattern::introduction) return meet(index, sender);
  End& end = *ends_[index];
  if (sender != end.partner) throw std::runtime_error("a message went to another than the partner");
  --in_flight_;
  ++transfer_.messages;
  transfer_.bytes += message.size();
  if (pattern_ == Pattern::stream) return;
  const auto now = Clock::now();
  transfer_.latencies.push_back(now - end.due.front());
  end.due.pop_front();
  if (pattern_ != Pattern::turns || now >= deadline_) return;
  ends_[end.partner]->due.push_back(now);
  send_message(index);
}

// Who it is from is what the receiver checks.
void RelayPairs::send_message(std::size_t index) {
  const bool framed = relay_.protocol == Protocol::relay1;
  const std::size_t header_bytes = framed ? relay::kHeaderBytes : 0;
  const auto sender = static_cast<std::uint32_t>(index);
  if (framed) {
    relay::encode_header(relay::FrameType::data, message_bytes_, std::span(outgoing_).first<relay::kHeaderBytes>());
  }
  std::memcpy(outgoing_.data() + header_bytes, &sender, sizeof sender);
  ends_[index]->tls.write(std::span(outgoing_).first(header_bytes + message_bytes_));
  if (pattern_ != Pattern::introduction) ++in_flight_;
  if (pattern_ != Pattern::stream) flush(index);
}

void RelayPairs::flush(std::size_t index) {
  End& end = *ends_[index];
  watch_writable(index, !end.tls.flush());
}

void RelayPairs::watch_writable(std::size_t index, bool wanted) {
  End& end = *ends_[index];
  if (std::exchange(end.watches_writable, wanted) == wanted) return;
  watch(index, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}

// What fits the socket waits to be asked for again, by the socket's being writable.
void RelayPairs::send_more(std::size_t index) {
  TlsEnd& tls = ends_[index]->tls;
  if (!tls.flush()) return;
  for (std::size_t record = 0; record < kRecordsASend; ++record) send_message(index);
  tls.flush();
}

void RelayPairs::begin(Pattern pattern, std::size_t message_bytes, std::chrono::nanoseconds duration) {
  pattern_ = pattern;
  message_bytes_ = message_bytes;
  transfer_ = {};
  begin_ = Clock::now();
  deadline_ = begin_ + duration;
}

Transfer RelayPairs::finish() {
  while (in_flight_ > 0) {
    if (!poll(kPatience)) throw std::runtime_error("nothing arrived for ten seconds");
  }
  transfer_.wall = Clock::now() - begin_;
  return std::move(transfer_);
}

Transfer RelayPairs::turns(std::chrono::nanoseconds duration) {
  begin(Pattern::turns, kSmallBytes, duration);
  for (const std::size_t first : firsts_) {
    ends_[ends_[first]->partner]->due.push_back(Clock::now());
    send_message(first);
  }
  return finish();
}

Transfer RelayPairs::stream(std::chrono::nanoseconds duration) {
  begin(Pattern::stream, kRecordBytes - (relay_.protocol == Protocol::relay1 ? relay::kHeaderBytes : 0), duration);
  for (const std::size_t first : firsts_) watch_writable(first, true);
  while (Clock::now() < deadline_) poll(deadline_ - Clock::now());
  return finish();
}

Transfer RelayPairs::paced(std::chrono::nanoseconds duration, double messages_per_s) {
  begin(Pattern::paced, kSmallBytes, duration);
  const auto distance = std::chrono::duration_cast<std::chrono::nanoseconds>(1s / messages_per_s);
  std::size_t number = 0;
  for (auto due = begin_; due < deadline_; due += distance) {
    while (Clock::now() < due) poll(due - Clock::now());
    const std::size_t first = firsts_[number % firsts_.size()];
    // Each pair's messages go to and fro by turns.
    const std::size_t sender = number / firsts_.size() % 2 == 0 ? first : ends_[first]->partner;
    ends_[ends_[sender]->partner]->due.push_back(due);
    send_message(sender);
    ++number;
  }
  return finish();
}

}  // namespace parley::bench
