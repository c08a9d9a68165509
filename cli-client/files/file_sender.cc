#include "files/file_sender.h"

#include <algorithm>
#include <utility>

#include "chat/errc.h"
#include "chat/utf8.h"

namespace parley::client {
namespace {

using chat::Errc;
using chat::Type;

constexpr const char* kCancelled = "was cancelled";

}  // namespace

std::size_t FileSender::add(const SourceTree& tree) {
  const std::size_t first = waiting_.size();
  for (const Source& source : tree.sources) {
    waiting_.push_back(entries_.size());
    entries_.push_back({.source = source, .group = groups_});
  }
  sum_up(first);
  unsettled_ += tree.sources.size();
  progress_.files_total += tree.files();
  progress_.bytes_total += tree.bytes();
  return groups_++;
}

// The first of each group that waits says what belongs to it.
void FileSender::sum_up(std::size_t from) {
  Entry* first = nullptr;
  for (; from < waiting_.size(); ++from) {
    Entry& entry = entries_[waiting_[from]];
    entry.first_files = 0;
    entry.first_bytes = 0;
    if (first == nullptr || first->group != entry.group) first = &entry;
    first->first_files += entry.source.directory ? 0 : 1;
    first->first_bytes += entry.source.size;
  }
}

void FileSender::cancel() {
  while (!waiting_.empty()) {
    const std::size_t entry = waiting_.front();
    waiting_.pop_front();
    fail(entry, entries_[entry].source.size, kCancelled, false);
  }
  for (; !again_.empty(); again_.pop_front()) {
    fail(again_.front()->entry, again_.front()->file.size(), kCancelled, false);
  }
  // What the other side has not answered yet it is told when it does.
  for (const auto& [number, open] : open_) {
    if (open->broken.empty()) open->broken = kCancelled;
  }
}

std::error_code FileSender::take(chat::ByteView body) {
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
    found->second->answer = std::move(*answer);
    accepted(found->first, *found->second);
    return {};
  }
  const std::size_t entry = entry_of_[answer->file - 1];
  if (found == open_.end()) {
    // Too late for us, not for the file: it was sent, and something was wrong with it there.
    if (entries_[entry].state == State::sent || entries_[entry].state == State::delivered) {
      fail(entry, 0, std::move(answer->reason), true);
    }
    return {};
  }
  Open& open = *found->second;
  if (answer->want_sha256 && !open.answer && !open.offered) {
    open.answer = std::move(*answer);
    hashing_.push_back(found->first);
    return {};
  }
  fail(entry, open.file.size() - open.file.position(), std::move(answer->reason), true);
  std::erase(hashing_, found->first);
  std::erase(sending_, found->first);
  open_.erase(found);
  return {};
}

void FileSender::accepted(std::uint32_t number, Open& open) {
  const chat::Answer& answer = *open.answer;
  if (open.offered && answer.offset == open.file.size() && answer.sha256 == open.offered) {
    open.file.skip_to_end();
    open.present = true;
    progress_.bytes_done += answer.offset;
  } else if (answer.offset > 0) {
    hashing_.push_back(number);
    return;
  }
  sending_.push_back(number);
}

void FileSender::acknowledged(std::uint64_t sequence) {
  while (!unacknowledged_.empty() && unacknowledged_.front().sequence <= sequence) {
    const Unacknowledged sent = unacknowledged_.front();
    unacknowledged_.pop_front();
    progress_.bytes_done += sent.bytes;
    progress_.bytes_moved += sent.bytes;
    if (!sent.entry || entries_[*sent.entry].state != State::sent) {
      continue;
    }
    Entry& entry = entries_[*sent.entry];
    entry.state = State::delivered;
    --unsettled_;
    progress_.files_done += entry.source.directory ? 0 : 1;
    events_.push_back(event(sent.present ? FileEvent::Kind::present : FileEvent::Kind::done, *sent.entry));
    events_.back().sha256 = sent.sha256;
  }
}

void FileSender::restart() {
  for (const auto& [number, open] : open_) {
    if (!open->broken.empty()) fail(open->entry, 0, open->broken, false);
  }
  open_.clear();
  again_.clear();
  hashing_.clear();
  sending_.clear();
  unacknowledged_.clear();
  entry_of_.clear();
  waiting_.clear();
  progress_.bytes_done = 0;
  progress_.bytes_total = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state == State::failed) continue;
    progress_.bytes_total += entry.source.size;
    if (entry.state == State::delivered) {
      progress_.bytes_done += entry.source.size;
    } else {
      entry.state = State::waiting;
      waiting_.push_back(i);
    }
  }
  sum_up(0);
}

void FileSender::pump(Outlet& outlet) {
  if (!hashing_.empty()) hash_step();
  offer_more(outlet);
  while (send_step(outlet)) {
  }
}

void FileSender::offer_more(Outlet& outlet) {
  while (!again_.empty()) {
    if (!offer(outlet, again_.front())) return;
    again_.pop_front();
  }
  while (!waiting_.empty() && open_.size() < chat::kMaxOpenFiles) {
    const std::size_t i = waiting_.front();
    Entry& entry = entries_[i];
    auto file = OutgoingFile::open(entry.source);
    if (!file) {
      waiting_.pop_front();
      fail(i, entry.source.size, std::move(file.error()), false);
      continue;
    }
    // It may have grown since it was found.
    progress_.bytes_total += file->size() - entry.source.size;
    entry.source.size = file->size();
    auto open =
        std::make_unique<Open>(Open{.entry = i, .file = std::move(*file), .offered = {}, .answer = {}, .broken = {}});
    if (!offer(outlet, open)) return;
    waiting_.pop_front();
  }
}

// Takes `open` when there is room for the offer.
bool FileSender::offer(Outlet& outlet, OpenPtr& open) {
  const Entry& entry = entries_[open->entry];
  chat::Offer offer{.file = static_cast<std::uint32_t>(entry_of_.size() + 1),
                    .name = entry.source.name,
                    .size = open->file.size(),
                    .mode = open->file.mode(),
                    .sha256 = open->offered,
                    .directory = entry.source.directory};
  if (entry.first_files > 0) {
    offer.total_files = entry.first_files;
    offer.total_size = entry.first_bytes;
  }
  auto body = chat::encode(offer);
  if (!outlet.can_send(Type::offer, body.size())) return false;
  outlet.send(Type::offer, std::move(body));
  entry_of_.push_back(open->entry);
  entries_[open->entry].state = State::open;
  open_.emplace(offer.file, std::move(open));
  return true;
}

void FileSender::hash_step() {
  const std::uint32_t number = hashing_.front();
  Open& open = *open_.at(number);
  const chat::Answer& answer = *open.answer;
  const std::uint64_t end = answer.accept ? answer.offset : open.file.size();
  if (open.broken.empty() && open.file.position() < end) {
    if (const auto read = open.file.hash_towards(end); !read) open.broken = read.error();
  }
  if (open.broken.empty() && open.file.position() < end) return;
  hashing_.pop_front();
  if (!open.broken.empty()) {
    if (answer.accept) return sending_.push_back(number);
    fail(open.entry, open.file.size(), open.broken, false);
    open_.erase(number);
    return;
  }
  if (!answer.accept) {
    open.offered = open.file.digest();
    open.file.rewind();
    open.answer.reset();
    again_.push_back(std::move(open_.at(number)));
    open_.erase(number);
    return;
  }
  if (open.file.digest() == answer.sha256) {
    progress_.bytes_done += end;
  } else {
    open.file.rewind();
  }
  sending_.push_back(number);
}

// Sends one record of the file whose turn it is.
bool FileSender::send_step(Outlet& outlet) {
  if (sending_.empty()) return false;
  const std::uint32_t number = sending_.front();
  Open& open = *open_.at(number);
  const bool complete = open.file.position() == open.file.size();
  if (!open.started && !open.present && !entries_[open.entry].source.directory) {
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
  chat::Bytes body = chat::chunk_header(number, offset, bytes);
  body.resize(chat::kChunkHeaderBytes + bytes);
  if (const auto read = open.file.read(std::span(body).subspan(chat::kChunkHeaderBytes)); !read) {
    open.broken = read.error();
    return true;
  }
  unacknowledged_.push_back({outlet.send(Type::chunk, std::move(body)), bytes, std::nullopt});
  return true;
}

bool FileSender::send_done(Outlet& outlet, std::uint32_t number, const Open& open) {
  chat::Done done{.file = number, .sha256 = std::nullopt, .error = chat::cut_utf8(open.broken, chat::kMaxReasonBytes)};
  if (open.broken.empty()) done.sha256 = open.present ? *open.offered : open.file.digest();
  auto body = chat::encode(done);
  if (!outlet.can_send(Type::done, body.size())) return false;
  const std::uint64_t sequence = outlet.send(Type::done, std::move(body));
  if (done.sha256) {
    entries_[open.entry].state = State::sent;
    unacknowledged_.push_back({sequence, 0, open.entry, *done.sha256, open.present});
  } else {
    fail(open.entry, open.file.size() - open.file.position(), open.broken, false);
  }
  return true;
}

void FileSender::fail(std::size_t entry, std::uint64_t missing, std::string reason, bool other_side) {
  const bool file = !entries_[entry].source.directory;
  if (entries_[entry].state == State::delivered) {
    progress_.files_done -= file ? 1 : 0;
  } else {
    --unsettled_;
  }
  entries_[entry].state = State::failed;
  progress_.files_failed += file ? 1 : 0;
  progress_.bytes_total -= missing;
  events_.push_back(event(FileEvent::Kind::failed, entry));
  events_.back().reason = std::move(reason);
  events_.back().other_side = other_side;
}

FileEvent FileSender::event(FileEvent::Kind kind, std::size_t entry) const {
  const Source& source = entries_[entry].source;
  FileEvent event{};
  event.kind = kind;
  event.name = source.path;
  event.directory = source.directory;
  event.group = entries_[entry].group;
  event.size = source.size;
  return event;
}

std::optional<FileEvent> FileSender::next_event() {
  if (events_.empty()) return std::nullopt;
  FileEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::string FileSender::current() const {
  return sending_.empty() ? "" : entries_[open_.at(sending_.front())->entry].source.path;
}

}  // namespace parley::client
