#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "cli-client/files/answers.h"
#include "cli-client/files/comparison.h"
#include "cli-client/files/conflict.h"
#include "cli-client/files/event.h"
#include "cli-client/files/finished_files.h"
#include "cli-client/files/incoming_file.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/outlet.h"
#include "cli-client/files/store_time.h"
#include "cli-client/files/target_folder.h"
#include "protocol/chat/bodies.h"
#include "protocol/chat/conversation.h"

namespace parley::client {

// The receiving side of file transfer: docs/chat-protocol.md, "Files". No network: OFFERs, CHUNKs and DONEs are given
// to it, ANSWERs go to an Outlet. Nothing is written outside the target folder, through a link, or over another file
// but by IfExists. What is not complete stays as a part file, to go on with. Bounded: at most kMaxOpenFiles are open.
class FileReceiver {
 public:
  // Everything goes into `folder`; without one, nothing is written before accept().
  FileReceiver(std::optional<TargetFolder> folder, IfExists if_exists);

  // An OFFER, CHUNK or DONE: it may be acknowledged when as many files have been stored as are to be by now. Give it
  // all that has come, as many small files get to the disk together. An error is the other side's fault, and the end of
  // the conversation.
  std::error_code take(chat::Type type, chat::MessageId id, ByteView body);
  // Files that have been stored, or have failed, and those that are to be before more is acknowledged: that have come
  // whole, and none where the other side is told apart what has been stored.
  std::uint64_t stored() const { return stored_; }
  std::uint64_t to_be_stored() const { return stored_ + (tells_stored_ ? 0 : finished_.count()); }
  // The other side is a new conversation: it will offer again.
  void restart();
  // The conversation is over: what has come whole gets its name now.
  void end() { store(); }

  // Sends the answers that can be sent now, and does one step of what takes long: reads what is compared, or stores
  // what has come, if that is due.
  void pump(Outlet& outlet, TimePoint now);
  // Another pump() is wanted at once, whatever the outlet can take; or at this time.
  bool busy() const { return store_next_ || !hashing_.empty() || ahead_.busy(); }
  std::optional<TimePoint> deadline() const { return store_time_.deadline(); }

  // The oldest group of files that waits for accept() or decline(); nullptr: none does. Only without a folder.
  const OfferGroups::Group* offered() const { return groups_.waiting(); }
  void accept(std::shared_ptr<const TargetFolder> folder);
  void decline(const std::string& reason);
  // Gives up what is being received, and what is still to come of the same group. The parts stay.
  void cancel();

  // With IfExists::ask: a file that waits for decide(). Others go on meanwhile.
  struct Question {
    std::uint32_t file;
    std::string name;
    std::uint64_t size;
    Occupant occupant;  // what has its name
  };
  std::optional<Question> question() const;
  // Not `ask`. With `for_all` for those that come later, too.
  void decide(std::uint32_t file, IfExists what, bool for_all);

  std::optional<FileEvent> next_event();
  const TransferProgress& progress() const { return progress_; }
  // What is being received, or compared, now: for people; empty without.
  const std::string& current() const { return current_; }
  Activity activity() const;
  // Files are neither done nor refused.
  bool unfinished() const { return !files_.empty() || !later_.empty(); }
  // The other side is still to be told something, for want of room or as it is not known yet: not before that may BYE
  // be said.
  bool has_answers() const { return !answers_.empty() || finished_.count() > 0; }

 private:
  using File = std::unique_ptr<IncomingFile>;

  std::error_code take_body(chat::Type type, ByteView body);
  std::error_code on_offer(ByteView body);
  std::error_code on_chunk(ByteView body);
  std::error_code on_done(ByteView body);
  // What is to be begun.
  struct Start {
    chat::Offer offer;
    OfferGroups::Verdict verdict;
    IfExists if_exists;
  };

  static std::optional<std::string> name_here(const chat::Offer& offer, const OfferGroups::Verdict& verdict);
  void enter(chat::Offer offer, const OfferGroups::Verdict& verdict);
  void start(Start what);
  void start_later(Start what);
  void start_later(IncomingFile& file);
  void start_those_that_wait();
  void count(const chat::Offer& offer);
  void will_not_come(const chat::Offer& offer, const OfferGroups::Verdict& verdict);
  void settle(IncomingFile& file);
  void begin(IncomingFile& file);
  bool is_of_another(const Place& place) const;
  void same_name(IncomingFile& file);
  void next_name(IncomingFile& file);
  void taken_name(IncomingFile& file, const Occupant& occupant);
  void make_folder(IncomingFile& file);
  std::optional<std::string> too_large(const IncomingFile& file) const;
  void hash();
  std::uint64_t hash_step();
  void compare_ahead(IncomingFile& file, const Occupant& occupant);
  void count_ahead();
  void set_done(IncomingFile& file, std::uint64_t bytes);
  void hashed(IncomingFile& file, int write_error);
  // As the other side counts, which takes for closed what it has sent whole, or has been told is refused.
  std::size_t open_files() const {
    return files_.size() + later_.size() - finished_.count() + answers_.refusals() + groups_.held();
  }
  bool is_store_due(TimePoint now) const;
  void store(TimePoint now);
  void store();
  void refuse_unstored(IncomingFile& file, const Unstored& failure);
  void report(IncomingFile& file);
  void discount(const chat::Offer& offer, std::uint64_t counted);
  void refuse(const chat::Offer& offer, std::size_t group, const std::string& name, std::string reason,
              std::uint64_t counted = 0);
  void refuse(IncomingFile& file, std::string reason);
  void refuse_keeping(IncomingFile& file, std::string reason);
  void close(std::uint32_t file);
  FileEvent event(FileEvent::Kind kind, const IncomingFile& file) const;

  OfferGroups groups_;
  std::string decline_reason_;  // of the last group declined, for what still comes of it
  IfExists if_exists_;
  std::uint32_t last_ = 0;  // the highest number offered
  std::map<std::uint32_t, File> files_;
  std::deque<Start> later_;  // there is no descriptor for them as yet; some of files_ hold those
  std::deque<std::uint32_t> hashing_;
  std::deque<chat::Comparing> comparing_;  // to be told to the other side
  ComparisonsAhead ahead_;
  std::uint64_t ahead_counted_ = 0;  // of them, in progress_
  std::deque<std::uint32_t> asking_;
  std::set<FileId> came_;  // what others of the same transfer may not overwrite, nor seem to have been here
  FinishedFiles finished_;
  std::uint64_t stored_ = 0;
  chat::MessageId last_done_;  // the last DONE
  bool tells_stored_ = false;  // the outlet
  StoreTime store_time_;
  bool store_next_ = false;
  Answers answers_;
  TransferProgress progress_;
  std::uint64_t offered_files_ = 0;
  std::uint64_t offered_bytes_ = 0;
  std::string current_;
  std::deque<FileEvent> events_;
};

}  // namespace parley::client
