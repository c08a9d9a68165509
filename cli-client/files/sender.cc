#include "cli-client/files/sender.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "cli-client/files/conflict.h"
#include "protocol/chat/errc.h"

namespace parley::client {
namespace {

using chat::Errc;
using chat::Type;

}  // namespace

std::error_code FileSender::take(ByteView body) {
  auto answer = chat::decode_answer(body);
  if (!answer) {
    return answer.error();
  }
  if (answer->file > entry_of_.size()) {
    return Errc::bad_transfer;
  }
  const auto found = open_.find(answer->file);
  if (answer->accept) {
    if (found == open_.end() || found->second->answer || answer->offset > found->second->file.size()) {
      return Errc::bad_transfer;
    }
    entries_[found->second->entry].name_there = answer->name;
    found->second->answer = std::move(*answer);
    accepted(found->first, *found->second);
    return {};
  }
  if (answer->reason.empty()) answer->reason = kDeclined;
  const std::size_t entry = entry_of_[answer->file - 1];
  if (found == open_.end()) {
    // Too late for us, not for the file: it was sent, and something was wrong with it there.
    if (entries_[entry].state == State::sent || entries_[entry].state == State::delivered) {
      fail(entry, std::move(answer->reason), true);
    }
    return {};
  }
  Open& open = *found->second;
  if (answer->want_sha256 && !open.answer && !open.offered && open.broken.empty()) {
    open.answer = std::move(*answer);
    std::erase(hashing_, found->first);
    hashing_.push_back(found->first);
    return {};
  }
  // One's own reason came first.
  const bool broken = !open.broken.empty();
  const bool unwanted = answer->reason == kDeclined || answer->reason == kCancelled;
  fail(entry, broken ? open.broken : std::move(answer->reason), !broken);
  // Not even in a new conversation.
  if (unwanted) entries_[entry].source.error.clear();
  std::erase(hashing_, found->first);
  std::erase(sending_, found->first);
  open_.erase(found);
  return {};
}

void FileSender::take(const chat::Comparing& comparing) {
  const auto found = open_.find(comparing.file);
  if (found == open_.end()) return;
  Open& open = *found->second;
  // It is no promise: out of place it means nothing.
  const bool is_of_use = !open.answer && open.broken.empty() && comparing.offset <= open.file.size();
  if (!is_of_use || open.ahead > 0 || comparing.offset == 0) return;
  open.ahead = comparing.offset;
  hashing_.push_back(found->first);
}

void FileSender::accepted(std::uint32_t number, Open& open) {
  const chat::Answer& answer = *open.answer;
  std::erase(hashing_, number);
  // What has no bytes is answered without their digest.
  if (open.offered && answer.offset == open.file.size() && (answer.offset == 0 || answer.sha256 == open.offered)) {
    open.file.skip_to_end();
    open.present = true;
    set_done(open.entry, answer.offset);
    return sending_.push_back(number);
  }
  if (open.file.position() > answer.offset) open.file.rewind();
  set_done(open.entry, open.file.position());
  if (answer.offset == 0) return sending_.push_back(number);
  // Before those that are not answered yet.
  hashing_.push_front(number);
}

void FileSender::take(const chat::Acknowledged& acknowledged) {
  for (; !unacknowledged_.empty() && unacknowledged_.front().sequence <= acknowledged.sequence;
       unacknowledged_.pop_front()) {
    const SentChunk& chunk = unacknowledged_.front();
    progress_.bytes_moved += chunk.bytes;
    const Entry& entry = entries_[chunk.entry];
    if (entry.state != State::failed) set_done(chunk.entry, entry.bytes_done + chunk.bytes);
  }
  for (; !unstored_.empty() && unstored_.front().sequence <= acknowledged.stored; unstored_.pop_front()) {
    if (entries_[unstored_.front().entry].state != State::failed) delivered(unstored_.front());
  }
}

void FileSender::delivered(const SentDone& done) {
  Entry& entry = entries_[done.entry];
  entry.state = State::delivered;
  --unsettled_;
  progress_.files_done += entry.source.directory ? 0 : 1;
  events_.push_back(event(done.present ? FileEvent::Kind::present : FileEvent::Kind::done, done.entry));
  events_.back().sha256 = done.sha256;
}

void FileSender::set_done(std::size_t entry, std::uint64_t bytes) {
  progress_.bytes_done += bytes - std::exchange(entries_[entry].bytes_done, bytes);
}

void FileSender::pump(Outlet& outlet) {
  hash();
  offer_more(outlet);
  for (std::size_t open = open_.size(); send_step(outlet); open = open_.size()) {
    // The other side stores what has come when nothing else is open: it is to know of what follows before.
    if (open_.size() < open) offer_more(outlet);
  }
}

// One step's worth; of small files many, as the receiver does.
void FileSender::hash() {
  for (std::uint64_t read = 0; !hashing_.empty() && read < kHashStepBytes;) read += hash_step();
}

// Returns how many bytes were read.
std::uint64_t FileSender::hash_step() {
  const std::uint32_t number = hashing_.front();
  Open& open = *open_.at(number);
  std::uint64_t end = open.ahead;
  if (open.answer) end = open.answer->accept ? open.answer->offset : open.file.size();
  const std::uint64_t before = open.file.position();
  if (open.broken.empty() && before < end) {
    if (const auto read = open.file.hash_towards(end); !read) open.broken = read.error();
  }
  const std::uint64_t read = open.file.position() - before;
  progress_.bytes_compared += read;
  set_done(open.entry, open.file.position());
  if (!open.broken.empty() || open.file.position() >= end) {
    hashing_.pop_front();
    if (open.answer) hashed(number, open);
  }
  return read;
}

void FileSender::hashed(std::uint32_t number, Open& open) {
  const chat::Answer& answer = *open.answer;
  if (!open.broken.empty() && answer.accept) return sending_.push_back(number);
  if (!answer.accept) {
    if (open.broken.empty()) open.offered = open.file.digest();
    open.file.rewind();
    open.answer.reset();
    open.ahead = 0;
    again_.push_back(std::move(open_.at(number)));
    open_.erase(number);
    return;
  }
  if (open.file.digest() != answer.sha256) {
    open.file.rewind();
    set_done(open.entry, 0);
  }
  sending_.push_back(number);
}

// Sends one record of the file whose turn it is.
bool FileSender::send_step(Outlet& outlet) {
  if (sending_.empty()) return false;
  const std::uint32_t number = sending_.front();
  Open& open = *open_.at(number);
  const bool complete = open.file.position() == open.file.size();
  if (!open.started && !open.present && open.broken.empty() && !entries_[open.entry].source.directory) {
    events_.push_back(event(FileEvent::Kind::started, open.entry));
    events_.back().offset = open.file.position();
  }
  open.started = true;
  if (open.broken.empty() && !complete) {
    return send_chunk(outlet, number, open);
  }
  if (open.broken.empty() && !open.file.unchanged()) {
    open.broken = "was changed while it was sent";
  }
  if (!send_done(outlet, number, open)) return false;
  sending_.pop_front();
  open_.erase(number);
  return true;
}

bool FileSender::send_chunk(Outlet& outlet, std::uint32_t number, Open& open) {
  const std::uint64_t offset = open.file.position();
  const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(open.file.size() - offset, chat::kChunkBytes));
  if (!outlet.can_send(Type::chunk, chat::kChunkHeaderBytes + bytes)) return false;
  // Read into the body itself: a copy less.
  Bytes body = chat::chunk_header(number, offset, bytes);
  body.resize(chat::kChunkHeaderBytes + bytes);
  if (const auto read = open.file.read(std::span(body).subspan(chat::kChunkHeaderBytes)); !read) {
    open.broken = read.error();
    return true;
  }
  unacknowledged_.push_back(
      {.sequence = outlet.send(Type::chunk, std::move(body)), .entry = open.entry, .bytes = bytes});
  return true;
}

bool FileSender::send_done(Outlet& outlet, std::uint32_t number, const Open& open) {
  chat::Done done{.file = number, .sha256 = std::nullopt, .error = cut_utf8(open.broken, chat::kMaxReasonBytes)};
  if (open.broken.empty()) done.sha256 = open.present ? *open.offered : open.file.digest();
  auto body = chat::encode(done);
  if (!outlet.can_send(Type::done, body.size())) return false;
  const std::uint64_t sequence = outlet.send(Type::done, std::move(body));
  if (done.sha256) {
    entries_[open.entry].state = State::sent;
    unstored_.push_back({.sequence = sequence, .entry = open.entry, .sha256 = *done.sha256, .present = open.present});
  } else {
    fail(open.entry, open.broken, false);
  }
  return true;
}

void FileSender::fail(std::size_t entry, std::string reason, bool other_side) {
  Entry& failed = entries_[entry];
  if (failed.state == State::delivered) {
    progress_.files_done -= failed.source.directory ? 0 : 1;
  } else {
    --unsettled_;
  }
  failed.state = State::failed;
  if (reason == kCancelled) failed.source.error.clear();
  if (failed.is_counted) return;
  progress_.bytes_done -= std::exchange(failed.bytes_done, 0);
  progress_.bytes_total -= failed.source.size;
  if (!other_side && reason != kCancelled) failed.source.error = reason;
  count_failed(entry, std::move(reason), other_side);
}

void FileSender::count_failed(std::size_t entry, std::string reason, bool other_side) {
  entries_[entry].is_counted = true;
  ++(entries_[entry].source.directory ? progress_.folders_failed : progress_.files_failed);
  events_.push_back(event(FileEvent::Kind::failed, entry));
  events_.back().reason = std::move(reason);
  events_.back().other_side = other_side;
}

FileEvent FileSender::event(FileEvent::Kind kind, std::size_t entry) const {
  const Source& source = entries_[entry].source;
  FileEvent event{.kind = kind,
                  .name = source.path,
                  .directory = source.directory,
                  .group = entries_[entry].group,
                  .size = source.size};
  auto there = std::optional(entries_[entry].name_there);
  if (there->empty()) there = received_name(source.name, source.directory);
  if (there && *there != source.path) event.other_name = std::move(*there);
  return event;
}

bool FileSender::awaits_answers() const {
  return !waiting_.empty() || !again_.empty() ||
         std::any_of(open_.begin(), open_.end(), [](const auto& one) { return !one.second->answer; });
}

std::optional<FileEvent> FileSender::next_event() {
  if (events_.empty()) return std::nullopt;
  FileEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::string FileSender::current() const {
  const auto path = [this](std::uint32_t number) { return entries_[open_.at(number)->entry].source.path; };
  if (!sending_.empty()) return path(sending_.front());
  if (!hashing_.empty()) return path(hashing_.front());
  const auto compared = being_compared();
  return compared == open_.end() ? "" : path(compared->first);
}

Activity FileSender::activity() const {
  if (!sending_.empty() || !unacknowledged_.empty() || !unstored_.empty()) return Activity::moving;
  if (!hashing_.empty() || being_compared() != open_.end()) return Activity::comparing;
  return open_.empty() ? Activity::moving : Activity::waiting;
}

// That the other side has not read all of yet, though we have.
std::map<std::uint32_t, FileSender::OpenPtr>::const_iterator FileSender::being_compared() const {
  return std::ranges::find_if(open_, [](const auto& one) { return one.second->ahead > 0; });
}

}  // namespace parley::client
