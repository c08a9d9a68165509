#include "cli-client/files/receiver.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli-client/files/quantity.h"
#include "cli-client/files/write_errors.h"
#include "protocol/chat/errc.h"

namespace parley::client {
namespace {

using chat::Errc;
using chat::Type;

}  // namespace

FileReceiver::FileReceiver(std::optional<TargetFolder> folder, IfExists if_exists)
    : groups_(std::move(folder)), if_exists_(if_exists) {}

// As it is called here; nullopt: that is too long.
std::optional<std::string> FileReceiver::name_here(const chat::Offer& offer, const OfferGroups::Verdict& verdict) {
  return received_name(offer.name, offer.directory, verdict.folder->keeps_dots());
}

std::error_code FileReceiver::take(Type type, chat::MessageId id, ByteView body) {
  const std::size_t finished = finished_.count();
  const auto error = take_body(type, body);
  if (type == Type::done) last_done_ = id;
  store_time_.came(type, body.size(), finished_.count() > finished);
  return error;
}

std::error_code FileReceiver::take_body(Type type, ByteView body) {
  switch (type) {
    case Type::offer:
      return on_offer(body);
    case Type::chunk:
      return on_chunk(body);
    case Type::done:
      return on_done(body);
    default:
      return Errc::bad_transfer;
  }
}

void FileReceiver::restart() {
  store();
  store_time_ = {};
  groups_.clear();
  files_.clear();
  later_.clear();
  hashing_.clear();
  comparing_.clear();
  ahead_.clear();
  ahead_counted_ = 0;
  asking_.clear();
  answers_.clear();
  came_.clear();
  last_ = 0;
  last_done_ = {};
  tells_stored_ = false;
  offered_files_ = 0;
  offered_bytes_ = 0;
  progress_ = {};
  current_.clear();
}

std::error_code FileReceiver::on_offer(ByteView body) {
  auto offer = chat::decode_offer(body);
  if (!offer) return offer.error();
  if (offer->file <= last_ || open_files() >= chat::kMaxOpenFiles) return Errc::bad_transfer;
  last_ = offer->file;
  if (const auto verdict = groups_.judge(*offer); verdict.decided) enter(std::move(*offer), verdict);
  return {};
}

void FileReceiver::accept(std::shared_ptr<const TargetFolder> folder) {
  auto decided = groups_.decide(std::move(folder));
  for (chat::Offer& offer : decided.offers) enter(std::move(offer), decided.verdict);
}

void FileReceiver::decline(const std::string& reason) {
  decline_reason_ = reason;
  const auto decided = groups_.decide(nullptr);
  for (const chat::Offer& offer : decided.offers) answers_.refuse(offer.file, reason);
}

void FileReceiver::cancel() {
  std::vector<IncomingFile*> open;
  for (const auto& [number, file] : files_) {
    if (file->state != IncomingFile::State::completing) open.push_back(file.get());
  }
  for (IncomingFile* file : open) refuse(*file, kCancelled);
  for (const Start& one : std::exchange(later_, {})) {
    refuse(one.offer, one.verdict.group, name_here(one.offer, one.verdict).value_or(""), kCancelled);
  }
  ahead_.clear();
  count_ahead();
  decline_reason_ = kCancelled;
  groups_.decline_rest();
}

void FileReceiver::enter(chat::Offer offer, const OfferGroups::Verdict& verdict) {
  if (!verdict.folder) return answers_.refuse(offer.file, decline_reason_);
  count(offer);
  if (!offer.error.empty()) return will_not_come(offer, verdict);
  start({std::move(offer), verdict, if_exists_});
}

// Nothing is made for it. The answer closes it.
void FileReceiver::will_not_come(const chat::Offer& offer, const OfferGroups::Verdict& verdict) {
  refuse(offer, verdict.group, name_here(offer, verdict).value_or(offer.name), offer.error);
  events_.back().other_side = true;
}

void FileReceiver::count(const chat::Offer& offer) {
  progress_.left_out += offer.left_out;
  offered_files_ += offer.directory ? 0 : 1;
  offered_bytes_ += offer.size;
  progress_.files_total =
      std::max<std::uint64_t>({progress_.files_total, offered_files_, offer.total_files.value_or(0)});
  progress_.bytes_total = std::max({progress_.bytes_total, offered_bytes_, offer.total_size.value_or(0)});
}

// A file that has failed, of which `counted` bytes were done.
void FileReceiver::discount(const chat::Offer& offer, std::uint64_t counted) {
  ++(offer.directory ? progress_.folders_failed : progress_.files_failed);
  progress_.bytes_done -= counted;
  progress_.bytes_total -= offer.size;
  offered_bytes_ -= offer.size;
}

// How much of files has been read, or has come, counts as done, and no longer if it turns out not to be the same.
void FileReceiver::count_ahead() {
  const std::uint64_t read = ahead_.read();
  progress_.bytes_done += read - std::exchange(ahead_counted_, read);
}

void FileReceiver::set_done(IncomingFile& file, std::uint64_t bytes) {
  progress_.bytes_done += bytes - std::exchange(file.counted, bytes);
}

// What is stored next waits until all that was to be answered has been, and has gone out: more may come for it.
void FileReceiver::pump(Outlet& outlet, TimePoint now) {
  tells_stored_ = outlet.tells_stored();
  store_time_.set_sender_keeps(!tells_stored_);
  store_time_.tick(now);
  if (store_next_ && is_store_due(now)) store(now);
  if (finished_.count() == 0) outlet.stored(last_done_);
  start_those_that_wait();
  hash();
  for (const chat::Comparing& one : std::exchange(comparing_, {})) outlet.send_comparing(one);
  answers_.send(outlet);
  store_next_ = is_store_due(now);
}

// Nothing else is open, others wait for its descriptors, or it has waited long enough.
bool FileReceiver::is_store_due(TimePoint now) const {
  return finished_.count() > 0 && (files_.size() == finished_.count() || !later_.empty() || store_time_.is_due(now));
}

// One step's worth. Of small files many: answered together they come together, and together they get to the disk.
void FileReceiver::hash() {
  for (std::uint64_t read = 0; !hashing_.empty() && read < kHashStepBytes;) read += hash_step();
  if (!hashing_.empty()) return;
  const std::uint64_t before = ahead_.read();
  if (const std::string* name = ahead_.step()) current_ = *name;
  progress_.bytes_compared += ahead_.read() - before;
  count_ahead();
}

// Returns how many bytes were read.
std::uint64_t FileReceiver::hash_step() {
  const std::uint32_t number = hashing_.front();
  IncomingFile& file = *files_.at(number);
  const std::uint64_t before = file.position();
  int write_error = 0;
  const bool through = file.hash_step(write_error);
  const std::uint64_t read = file.position() - before;
  progress_.bytes_compared += read;
  set_done(file, file.position());
  if (through) {
    hashing_.pop_front();
    hashed(file, write_error);
  } else {
    current_ = file.place.name;
  }
  return read;
}

void FileReceiver::hashed(IncomingFile& file, int write_error) {
  if (write_error != 0) return refuse_keeping(file, unwritten_text(write_error));
  if (file.state == IncomingFile::State::comparing) {
    const bool same = file.same();
    file.stop_comparing();
    set_done(file, same ? file.offer.size : 0);
    if (!same) return taken_name(file, look(file.place));
    file.set_present();
  }
  answers_.accept(file.answer());
}

std::error_code FileReceiver::on_chunk(ByteView body) {
  const auto chunk = chat::decode_chunk(body);
  if (!chunk) return chunk.error();
  if (chunk->file > last_) return Errc::bad_transfer;
  const auto found = files_.find(chunk->file);
  if (found == files_.end()) return {};  // it has been refused
  IncomingFile& file = *found->second;
  int write_error = 0;
  if (const auto error = file.take(*chunk, write_error)) return error;
  if (!std::exchange(file.started, true)) {
    const std::uint64_t resumed = file.position() - (write_error == 0 ? chunk->bytes.size() : 0);
    events_.push_back(event(FileEvent::Kind::started, file));
    events_.back().offset = resumed;
  }
  if (write_error != 0) {
    refuse_keeping(file, unwritten_text(write_error));
    return {};
  }
  if (current_ != file.place.name) current_ = file.place.name;
  set_done(file, file.position());
  progress_.bytes_moved += chunk->bytes.size();
  return {};
}

std::error_code FileReceiver::on_done(ByteView body) {
  auto done = chat::decode_done(body);
  if (!done) return done.error();
  if (done->file > last_) return Errc::bad_transfer;
  const auto found = files_.find(done->file);
  if (found == files_.end()) return {};
  IncomingFile& file = *found->second;
  if (!file.answered()) return Errc::bad_transfer;
  if (!done->sha256) {
    discount(file.offer, file.counted);
    events_.push_back(event(FileEvent::Kind::failed, file));
    events_.back().reason = std::move(done->error);
    events_.back().other_side = true;
    close(done->file);
    return {};
  }
  if (!file.complete() || file.state != IncomingFile::State::receiving) return Errc::bad_transfer;
  if (!file.offer.directory && !file.matches(*done->sha256)) {
    file.discard();
    refuse(file, "is not what was sent (its SHA-256 differs); send it again");
  } else {
    finished_.add(file);
  }
  return {};
}

void FileReceiver::store(TimePoint now) {
  const TimePoint begin = Clock::now();
  store();
  store_time_.stored(now, Clock::now() - begin);
}

void FileReceiver::store() {
  stored_ += finished_.count();
  finished_.store([this](IncomingFile& file, std::optional<Unstored> failure) {
    failure ? refuse_unstored(file, *failure) : report(file);
  });
}

void FileReceiver::refuse_unstored(IncomingFile& file, const Unstored& failure) {
  // After a failed fsync(2) Linux takes the pages for clean: read again, the part would seem to be all there.
  if (failure.what == Unstored::What::content) file.discard();
  const bool is_taken = failure.what == Unstored::What::name && (failure.error == EEXIST || failure.error == EISDIR);
  is_taken ? refuse(file, unstored_text(failure)) : refuse_keeping(file, unstored_text(failure));
}

void FileReceiver::report(IncomingFile& file) {
  progress_.files_done += file.offer.directory ? 0 : 1;
  events_.push_back(event(file.present() ? FileEvent::Kind::present : FileEvent::Kind::done, file));
  events_.back().sha256 = file.sha256();
  if (if_exists_ != IfExists::rename && !file.offer.directory) came_.insert(look(file.place).id);
  close(file.offer.file);
}

void FileReceiver::refuse(const chat::Offer& offer, std::size_t group, const std::string& name, std::string reason,
                          std::uint64_t counted) {
  discount(offer, counted);
  ahead_.drop(offer.name);
  count_ahead();
  events_.push_back({.kind = FileEvent::Kind::failed,
                     .name = name,
                     .directory = offer.directory,
                     .group = group,
                     .size = offer.size,
                     .reason = reason});
  answers_.refuse(offer.file, std::move(reason));
}

void FileReceiver::refuse(IncomingFile& file, std::string reason) {
  refuse(file.offer, file.verdict.group, file.place.name, std::move(reason), file.counted);
  close(file.offer.file);
}

// The part stays; the other side is not told where.
void FileReceiver::refuse_keeping(IncomingFile& file, std::string reason) {
  const std::uint64_t kept = file.kept();
  std::string part = file.place.name;
  part.replace(part.size() - file.place.leaf.size(), std::string::npos, part_name(file.place.leaf));
  refuse(file, std::move(reason));
  if (kept > 0) events_.back().reason += " (" + size_text(kept) + " are kept as " + part + ")";
}

void FileReceiver::close(std::uint32_t number) {
  std::erase(hashing_, number);
  std::erase(asking_, number);
  files_.erase(number);
}

FileEvent FileReceiver::event(FileEvent::Kind kind, const IncomingFile& file) const {
  return {.kind = kind,
          .name = file.place.name,
          .other_name = file.place.name == file.offer.name ? "" : file.offer.name,
          .directory = file.offer.directory,
          .group = file.verdict.group,
          .size = file.offer.size};
}

std::optional<FileEvent> FileReceiver::next_event() {
  if (events_.empty()) return std::nullopt;
  FileEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Activity FileReceiver::activity() const {
  const auto comes = [](const auto& one) { return one.second->answered() && !one.second->present(); };
  if (std::ranges::any_of(files_, comes)) return Activity::moving;
  if (!hashing_.empty() || ahead_.busy()) return Activity::comparing;
  return asking_.empty() && offered() == nullptr ? Activity::moving : Activity::waiting;
}

}  // namespace parley::client
