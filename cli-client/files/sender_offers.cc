// FileSender's offers: what is to be sent, group by group, until it is open, in this conversation and the next.
#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "cli-client/files/beneath.h"
#include "cli-client/files/sender.h"

namespace parley::client {

std::size_t FileSender::add(const SourceTree& tree) {
  const std::size_t group = groups_.size();
  groups_.push_back({.left_out = tree.left_out(), .named = tree.named()});
  for (const Source& source : tree.sources) {
    waiting_.push_back(entries_.size());
    entries_.push_back({.source = source, .group = group});
    groups_[group].add(source);
    if (!source.error.empty()) count_failed(entries_.size() - 1, source.error, false);
  }
  unsettled_ += tree.sources.size();
  progress_.files_total += tree.files();
  progress_.bytes_total += tree.bytes();
  progress_.left_out += tree.left_out();
  return group;
}

// Whichever is offered first of a group says it.
void FileSender::say_what_belongs_together(Entry& entry) {
  const Waiting& group = groups_[entry.group];
  entry.first_files = group.announced ? 0 : group.files;
  entry.first_bytes = group.announced ? 0 : group.bytes;
  entry.first_left_out = group.left_out_told ? 0 : group.left_out;
  entry.first_named = group.announced ? 0 : group.named;
}

void FileSender::cancel() {
  while (!waiting_.empty()) {
    const std::size_t entry = waiting_.front();
    waiting_.pop_front();
    groups_[entries_[entry].group].remove(entries_[entry].source);
    fail(entry, kCancelled, false);
  }
  for (; !again_.empty(); again_.pop_front()) {
    fail(again_.front()->entry, kCancelled, false);
  }
  // What the other side has not answered yet it is told when it does.
  for (const auto& [number, open] : open_) {
    if (open->broken.empty()) open->broken = kCancelled;
  }
}

void FileSender::restart() {
  for (const auto& [number, open] : open_) {
    if (!open->broken.empty()) fail(open->entry, open->broken, false);
  }
  open_.clear();
  again_.clear();
  hashing_.clear();
  sending_.clear();
  unacknowledged_.clear();
  unstored_.clear();
  entry_of_.clear();
  waiting_.clear();
  for (Waiting& group : groups_) group = {.left_out = group.left_out};
  progress_.bytes_done = 0;
  progress_.bytes_total = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    // Whatever is wrong with a file here, the new conversation is told, too.
    const bool to_be_told = !entry.source.error.empty();
    if (entry.state == State::failed && !to_be_told) continue;
    if (entry.state == State::failed) ++unsettled_;
    if (!entry.is_counted) progress_.bytes_total += entry.source.size;
    if (entry.state == State::delivered) {
      progress_.bytes_done += entry.bytes_done;
    } else {
      entry.state = State::waiting;
      entry.bytes_done = 0;
      waiting_.push_back(i);
      groups_[entry.group].add(entry.source);
    }
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
    Waiting& group = groups_[entry.group];
    const bool is_known = !entry.source.error.empty();
    // The first takes what there is: it waits for nobody.
    if (!open_.empty() && descriptors_are_short()) return;
    auto file = is_known ? tl::unexpected(OutgoingFile::Failure{entry.source.error}) : OutgoingFile::open(entry.source);
    if (!file && file.error().is_for_later && !open_.empty()) return;
    // What cannot be read is offered all the same: that is how the other side gets to know of it.
    const std::string broken = file ? "" : file.error().reason;
    if (!file) file = OutgoingFile(entry.source);
    // It may be another size than when it was found. What is larger goes, with what comes behind it, beyond what was
    // said of its group: it begins one that says the truth.
    if (file->size() > entry.source.size) group.announced = false;
    progress_.bytes_total += file->size() - entry.source.size;
    group.bytes += file->size() - entry.source.size;
    entry.source.size = file->size();
    say_what_belongs_together(entry);
    auto open = std::make_unique<Open>(
        Open{.entry = i, .file = std::move(*file), .offered = {}, .answer = {}, .broken = broken});
    if (!offer(outlet, open)) return;
    waiting_.pop_front();
    group.announced = true;
    group.left_out_told = true;
    group.named = 0;
    group.remove(entry.source);
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
                    .directory = entry.source.directory,
                    .stored = open->file.stored(),
                    .modified = with_times_ && !entry.source.directory ? open->file.modified() : std::nullopt,
                    .left_out = entry.first_left_out,
                    .named = entry.first_named,
                    .error = cut_utf8(open->broken, chat::kMaxReasonBytes)};
  if (entry.first_files > 0) {
    offer.total_files = entry.first_files;
    // Sums have the bounds of a size: what goes beyond begins a group of its own.
    offer.total_size = std::min(entry.first_bytes, chat::kMaxFileBytes);
  }
  auto body = chat::encode(offer);
  if (!outlet.can_send(chat::Type::offer, body.size())) return false;
  outlet.send(chat::Type::offer, std::move(body));
  entry_of_.push_back(open->entry);
  entries_[open->entry].state = State::open;
  open_.emplace(offer.file, std::move(open));
  return true;
}

}  // namespace parley::client
