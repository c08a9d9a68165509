#include "protocol/chat/outbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parley::chat {
namespace {

std::size_t cost(const Outbox::Record& record) { return kRecordCost + record.body.capacity(); }

}  // namespace

bool Outbox::has_room(Type type, std::size_t body_bytes) const {
  const std::size_t more = kRecordCost + body_bytes;
  if (type == Type::chunk) {
    return chunk_bytes_ + more <= kMaxKeptChunkBytes && unwritten_bytes() < kMaxUnwrittenBeforeChunk;
  }
  return bytes_ + more <= kMaxKeptBytes;
}

bool Outbox::joins_the_last(Type type, const Bytes& body) const {
  if (type != Type::stream || body.empty() || ever_written_ == records_.size()) return false;
  const Record& last = records_.back();
  return last.type == Type::stream && !last.body.empty() && last.body.size() + body.size() <= kStreamBytes;
}

std::uint64_t Outbox::put(Type type, Bytes body) {
  if (joins_the_last(type, body)) {
    Record& last = records_.back();
    bytes_of(type) -= cost(last);
    const std::size_t size = last.body.size() + body.size();
    if (size > last.body.capacity()) last.body.reserve(std::min(kStreamBytes, 2 * size));
    append(last.body, body);
    bytes_of(type) += cost(last);
    return this->last();
  }
  // What was reserved and is not needed may wait here for long.
  if (body.capacity() / 2 > body.size()) body.shrink_to_fit();
  records_.push_back({type, std::move(body)});
  bytes_of(type) += cost(records_.back());
  return last();
}

const Outbox::Record* Outbox::next_unwritten(std::uint64_t& sequence) const {
  if (written_ == records_.size()) {
    return nullptr;
  }
  sequence = acknowledged_ + 1 + written_;
  return &records_[written_];
}

void Outbox::mark_written() {
  written_bytes_ += cost(records_[written_]);
  ++written_;
  ever_written_ = std::max(ever_written_, written_);
}

void Outbox::acknowledge(std::uint64_t sequence) {
  while (acknowledged_ < sequence) {
    const std::size_t bytes = cost(records_.front());
    bytes_of(records_.front().type) -= bytes;
    records_.pop_front();
    ++acknowledged_;
    --ever_written_;
    // HELLO may acknowledge what has not been written again on this stream.
    if (written_ > 0) {
      --written_;
      written_bytes_ -= bytes;
    }
  }
}

std::vector<Outbox::Record> Outbox::start_anew() {
  const auto end = records_.begin() + static_cast<std::ptrdiff_t>(ever_written_);
  std::vector<Record> uncertain(std::make_move_iterator(records_.begin()), std::make_move_iterator(end));
  for (const Record& record : uncertain) {
    bytes_of(record.type) -= cost(record);
  }
  records_.erase(records_.begin(), end);
  // Numbers of files mean nothing to the new one.
  std::erase_if(records_, [this](const Record& record) {
    if (!is_of_file(record.type)) return false;
    bytes_of(record.type) -= cost(record);
    return true;
  });
  acknowledged_ = 0;
  written_ = 0;
  written_bytes_ = 0;
  ever_written_ = 0;
  return uncertain;
}

std::size_t Outbox::unwritten_bytes() const { return bytes_ + chunk_bytes_ - written_bytes_; }

}  // namespace parley::chat
