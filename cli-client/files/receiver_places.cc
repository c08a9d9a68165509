// FileReceiver's decisions about places: where each file goes, and what becomes of it where something has its name.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cli-client/files/beneath.h"
#include "cli-client/files/quantity.h"
#include "cli-client/files/receiver.h"
#include "cli-client/files/write_errors.h"
#include "protocol/chat/safe_name.h"

namespace parley::client {
namespace {

using Kind = Occupant::Kind;

constexpr unsigned kMaxAttempts = 999;
constexpr const char* kSameName = "has the same name here as another that was sent; receive --rename takes both";

}  // namespace

void FileReceiver::start(Start what) {
  const chat::Offer& offer = what.offer;
  const auto name = name_here(offer, what.verdict);
  if (!name) return refuse(offer, what.verdict.group, offer.name, "has too long a name");
  if (descriptors_are_short()) {
    ahead_.clear();
    count_ahead();
    // The first takes what there is: it waits for nobody.
    if (!files_.empty()) return start_later(std::move(what));
  }
  auto place = what.verdict.folder->place(*name);
  if (!place && is_for_later(place.error()) && !files_.empty()) return start_later(std::move(what));
  if (!place) return refuse(offer, what.verdict.group, *name, misplaced_text(place.error()));
  const std::uint32_t number = offer.file;
  auto& file = files_[number] =
      std::make_unique<IncomingFile>(std::move(what.offer), what.verdict, std::move(*place), what.if_exists);
  if (file->offer.directory) {
    make_folder(*file);
  } else {
    settle(*file);
  }
}

void FileReceiver::start_later(Start what) { later_.push_back(std::move(what)); }

void FileReceiver::start_later(IncomingFile& file) {
  later_.push_back({file.offer, file.verdict, file.if_exists});
  close(file.offer.file);
}

void FileReceiver::start_those_that_wait() {
  while (!later_.empty() && (files_.empty() || !descriptors_are_short())) {
    const std::size_t waiting = later_.size();
    Start next = std::move(later_.front());
    later_.pop_front();
    start(std::move(next));
    if (later_.size() == waiting) return;
  }
}

void FileReceiver::make_folder(IncomingFile& file) {
  const Place& place = file.place;
  // Its owner can put files into it, whatever the mode says.
  const mode_t mode = file.mode() | S_IRWXU;
  if (::mkdirat(place.folder.get(), place.leaf.c_str(), mode) != 0 &&
      (errno != EEXIST || look(place).kind != Kind::folder)) {
    return refuse(file, errno == EEXIST ? "cannot be made: a file or a link has its name"
                                        : "cannot be made: " + error_text(errno));
  }
  file.state = IncomingFile::State::receiving;
  answers_.accept(file.answer());
}

// Decides by what has the file's name now.
void FileReceiver::settle(IncomingFile& file) {
  const Occupant occupant = look(file.place);
  if (occupant.kind == Kind::nothing) return begin(file);
  if (occupant.kind != Kind::file || occupant.size != file.offer.size) return taken_name(file, occupant);
  if (!file.offer.sha256) {
    answers_.want_digest(file.offer.file);
    --offered_files_;
    offered_bytes_ -= file.offer.size;
    progress_.left_out -= file.offer.left_out;
    groups_.expect_again(file.offer, file.verdict.group, file.verdict.folder);
    compare_ahead(file, occupant);
    return close(file.offer.file);
  }
  if (auto comparison = ahead_.take(file.offer, occupant.id)) {
    file.go_on_comparing(std::move(*comparison));
  } else {
    const int error = file.start_comparing();
    if (is_for_later(error) && files_.size() > 1) return start_later(file);
    if (error != 0) return taken_name(file, occupant);
  }
  count_ahead();
  set_done(file, file.position());
  hashing_.push_back(file.offer.file);
}

// The other side reads all of its file before it offers it again. Small ones are not worth the descriptor.
void FileReceiver::compare_ahead(IncomingFile& file, const Occupant& occupant) {
  if (file.offer.size <= kHashStepBytes || descriptors_are_short()) return;
  if (auto comparison = Comparison::start(file.place, file.offer.size)) {
    ahead_.add(file.offer, occupant.id, std::move(*comparison));
  }
}

void FileReceiver::taken_name(IncomingFile& file, const Occupant& occupant) {
  switch (file.if_exists) {
    case IfExists::rename:
      return next_name(file);
    case IfExists::overwrite:
      if (occupant.kind == Kind::folder) return refuse(file, "cannot be put there: a folder has its name");
      // Names that differ there may be one here: cut, or on a file system that knows no capitals.
      if (came_.contains(occupant.id)) return refuse(file, kSameName);
      file.replace = true;
      return begin(file);
    case IfExists::ask:
      file.state = IncomingFile::State::asking;
      asking_.push_back(file.offer.file);
      return;
    case IfExists::refuse:
      return refuse(file, came_.contains(occupant.id) ? kSameName : "exists already, and is different");
  }
}

void FileReceiver::next_name(IncomingFile& file) {
  if (++file.attempt > kMaxAttempts)
    return refuse(file, "exists already, and so do " + std::to_string(kMaxAttempts) + " that are numbered like it");
  file.place.leaf = numbered_name(file.name, file.attempt, chat::kMaxNameBytes);
  const std::size_t slash = file.place.name.rfind('/');
  file.place.name.replace(slash == std::string::npos ? 0 : slash + 1, std::string::npos, file.place.leaf);
  settle(file);
}

void FileReceiver::begin(IncomingFile& file) {
  const int error = file.start_part();
  if (is_for_later(error) && files_.size() > 1) return start_later(file);
  if (error == EBUSY && file.if_exists == IfExists::rename) return next_name(file);
  if (error == EBUSY && is_of_another(file.place)) return same_name(file);
  if (error == EBUSY) return refuse(file, "is being received already");
  if (error == EEXIST) {
    return refuse(file, "cannot be received: its " + std::string(kPartEnding) + " is a link or something else");
  }
  if (error != 0) return refuse_keeping(file, unwritten_text(error));
  if (auto why = too_large(file)) return refuse(file, std::move(*why));
  if (file.kept() > kHashStepBytes) comparing_.push_back({file.offer.file, file.kept()});
  hashing_.push_back(file.offer.file);
}

// Another that comes in the same transfer has its name, or will have.
void FileReceiver::same_name(IncomingFile& file) {
  if (file.if_exists != IfExists::ask) return refuse(file, kSameName);
  file.state = IncomingFile::State::asking;
  asking_.push_back(file.offer.file);
}

// Others that are being received are to have this very place.
bool FileReceiver::is_of_another(const Place& place) const {
  return std::ranges::count_if(files_, [&place](const auto& one) { return one.second->place.name == place.name; }) > 1;
}

// Why it does not fit on the disk, if so, together with what else is being received.
std::optional<std::string> FileReceiver::too_large(const IncomingFile& file) const {
  const std::uint64_t free = free_bytes(file.place);
  std::uint64_t wanted = 0;
  for (const auto& [number, open] : files_) {
    if (open->has_part() && open->device() == file.device()) wanted += open->promised();
  }
  if (wanted <= free) return std::nullopt;
  std::string to_come = size_text(wanted);
  std::string room = size_text(free);
  // Where the sizes read the same, all digits.
  if (to_come == room) {
    to_come = count_text(wanted, "byte", "bytes");
    room = count_text(free, "byte", "bytes");
  }
  return "does not fit on the receiving disk: " + to_come + " to come" +
         (wanted > file.promised() ? " with the others that are under way" : "") + ", " + room + " free";
}

std::optional<FileReceiver::Question> FileReceiver::question() const {
  if (asking_.empty()) return std::nullopt;
  const IncomingFile& file = *files_.at(asking_.front());
  return Question{file.offer.file, file.place.name, file.offer.size, look(file.place)};
}

void FileReceiver::decide(std::uint32_t number, IfExists what, bool for_all) {
  std::deque<std::uint32_t> decided = {number};
  if (for_all) {
    if_exists_ = what;
    decided = asking_;
    // Those that are being compared would ask later.
    for (const auto& [other, file] : files_) {
      if (file->if_exists == IfExists::ask) file->if_exists = what;
    }
    for (Start& one : later_) one.if_exists = what;
  }
  for (const std::uint32_t one : decided) {
    // It may have been given up meanwhile, or its name become free.
    if (std::erase(asking_, one) == 0) continue;
    IncomingFile& file = *files_.at(one);
    file.if_exists = what;
    const Occupant occupant = look(file.place);
    occupant.kind == Kind::nothing ? begin(file) : taken_name(file, occupant);
  }
}

}  // namespace parley::client
