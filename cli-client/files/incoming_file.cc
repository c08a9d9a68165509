#include "cli-client/files/incoming_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli-client/files/beneath.h"
#include "cli-client/files/event.h"
#include "protocol/chat/errc.h"

namespace parley::client {

IncomingFile::~IncomingFile() {
  if (part_ && part_->size() == 0) part_->remove();
}

int IncomingFile::start_comparing() {
  auto file = open_beneath(place.folder.get(), place.leaf, O_RDONLY | O_NONBLOCK);
  if (!file) return file.error();
  existing_ = std::move(*file);
  digest_.reset();
  position_ = 0;
  state = State::comparing;
  return 0;
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
  const std::uint64_t end = state == State::comparing ? offer.size : part_->size();
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(end - position_, kHashStepBytes)));
  std::size_t count = 0;
  if (!buffer.empty()) {
    if (state == State::comparing) {
      const ssize_t read = ::pread(existing_.get(), buffer.data(), buffer.size(), static_cast<off_t>(position_));
      count = read > 0 ? static_cast<std::size_t>(read) : 0;
    } else {
      count = part_->read(position_, buffer).value_or(0);
    }
  }
  digest_.update(std::span(buffer).first(count));
  position_ += count;
  if (position_ < end && count > 0) return false;
  // What cannot be read counts as not there: it is not the same, or is received anew.
  if (state == State::comparing) {
    if (position_ < end) digest_.reset();
    existing_ = Descriptor();
  } else {
    if (position_ < end) write_error = part_->truncate(position_);
    state = State::receiving;
  }
  return true;
}

chat::Answer IncomingFile::answer() {
  answered_ = true;
  answered_offset_ = position_;
  chat::Answer answer{.file = offer.file, .accept = true, .offset = position_};
  if (position_ > 0) answer.sha256 = digest_.digest();
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
  if (write_error == 0) write_error = part_->write(chunk.bytes);
  if (write_error == 0) {
    digest_.update(chunk.bytes);
    position_ += chunk.bytes.size();
  }
  return {};
}

void IncomingFile::seal() {
  if (part_) part_->seal(mode());
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
