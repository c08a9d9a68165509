#include "cli-client/files/incoming_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "cli-client/files/beneath.h"
#include "cli-client/files/event.h"
#include "protocol/chat/errc.h"

namespace parley::client {

IncomingFile::~IncomingFile() {
  if (part_ && part_->size() == 0) part_->remove();
}

int IncomingFile::start_comparing() {
  auto comparison = Comparison::start(place, offer.size);
  if (!comparison) return comparison.error();
  go_on_comparing(std::move(*comparison));
  return 0;
}

void IncomingFile::go_on_comparing(Comparison comparison) {
  comparison_ = std::move(comparison);
  state = State::comparing;
}

int IncomingFile::start_part() {
  auto part = PartFile::open(place);
  if (!part) return part.error();
  part_ = std::move(*part);
  digest_.reset();
  position_ = 0;
  state = State::resuming;
  return part_->size() > offer.size ? part_->truncate(offer.size) : 0;
}

bool IncomingFile::hash_step(int& write_error) {
  write_error = 0;
  if (state == State::comparing) return comparison_->step();
  const std::uint64_t end = part_->size();
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(end - position_, kHashStepBytes)));
  const std::size_t count = buffer.empty() ? 0 : part_->read(position_, buffer).value_or(0);
  digest_.update(std::span(buffer).first(count));
  position_ += count;
  if (position_ < end && count > 0) return false;
  // What cannot be read counts as not there, and is received anew.
  if (position_ < end) write_error = part_->truncate(position_);
  state = State::receiving;
  return true;
}

chat::Answer IncomingFile::answer() {
  answered_ = true;
  answered_offset_ = position_;
  chat::Answer answer{.file = offer.file, .accept = true, .offset = position_};
  if (position_ > 0) answer.sha256 = sha256();
  if (received_name(offer.name, offer.directory) != place.name) answer.name = place.name;
  return answer;
}

std::error_code IncomingFile::take(const chat::Chunk& chunk, int& write_error) {
  write_error = 0;
  if (state != State::receiving || !answered_ || present_ || !part_) {
    return chat::Errc::bad_transfer;
  }
  if (chunk.offset == 0 && position_ == answered_offset_ && position_ > 0 && !started) {
    // The sender has something else there.
    write_error = part_->truncate(0);
    digest_.reset();
    position_ = 0;
  }
  if (chunk.offset != position_ || chunk.bytes.size() > offer.size - position_) {
    return chat::Errc::bad_transfer;
  }
  if (write_error == 0) write_error = part_->write(chunk.bytes, offer.stored.has_value());
  if (write_error == 0) {
    digest_.update(chunk.bytes);
    position_ += chunk.bytes.size();
  }
  return {};
}

void IncomingFile::seal() {
  std::optional<std::chrono::milliseconds> modified;
  if (offer.modified) modified.emplace(static_cast<std::int64_t>(*offer.modified));
  if (part_) part_->seal(mode(), modified);
  state = State::completing;
}

int IncomingFile::publish() {
  const int error = part_->publish(replace);
  if (error == 0) part_.reset();
  return error;
}

void IncomingFile::discard() {
  if (part_) part_->remove();
  part_.reset();
}

}  // namespace parley::client
