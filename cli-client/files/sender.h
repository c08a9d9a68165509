#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli-client/files/event.h"
#include "cli-client/files/outgoing_file.h"
#include "cli-client/files/outlet.h"
#include "cli-client/files/source_tree.h"
#include "protocol/chat/bodies.h"
#include "protocol/chat/conversation.h"

namespace parley::client {

// The sending side of file transfer: docs/chat-protocol.md, "Files". No network: records go to an Outlet, ANSWERs and
// acknowledgements are given to it. Bounded: at most kMaxOpenFiles are open, and a chunk is read when it can be sent.
class FileSender {
 public:
  // `with_times`: the other side is told when files were modified.
  explicit FileSender(bool with_times = false) : with_times_(with_times) {}

  // Sends these, too: a group, which the other side takes or declines as one. Returns its number, from 0. What cannot
  // be sent of them fails at once, and is offered all the same, so that the other side gets to know of it.
  std::size_t add(const SourceTree& tree);
  // Gives up all that is not with the other side yet.
  void cancel();

  // The body of an ANSWER. An error is the other side's fault.
  std::error_code take(ByteView body);
  // The other side reads what it has of a file: what it will be told of that can be read here meanwhile.
  void take(const chat::Comparing& comparing);
  void take(const chat::Acknowledged& acknowledged);
  // The other side is a new conversation: what it has not got whole is offered anew.
  void restart();

  // Sends what can be sent now, and does one step of what takes long.
  void pump(Outlet& outlet);
  // Another pump() is wanted at once, whatever the outlet can take.
  bool busy() const { return !hashing_.empty(); }
  // Every file is with the other side, or has failed, which the other side has been told.
  bool finished() const { return unsettled_ == 0; }
  // Of some files all or part of what is to come depends on an ANSWER that has not come.
  bool awaits_answers() const;

  std::optional<FileEvent> next_event();
  const TransferProgress& progress() const { return progress_; }
  // What is being sent, or compared, on either side, now: for people; empty without.
  std::string current() const;
  Activity activity() const;

 private:
  enum class State { waiting, open, sent, delivered, failed };
  struct Entry {
    Source source;
    std::size_t group = 0;
    State state = State::waiting;
    std::uint64_t bytes_done = 0;
    std::uint32_t first_files =
        0;  // in the first of a group: how many it has, of which size, and how many are left out
    std::uint64_t first_bytes = 0;
    std::uint32_t first_left_out = 0;
    std::uint32_t first_named = 0;
    bool is_counted = false;   // as failed
    std::string name_there{};  // if the other side has told one
  };
  // Of a group, what waits to be offered.
  struct Waiting {
    std::uint32_t files = 0;
    std::uint64_t bytes = 0;
    std::uint32_t left_out = 0;  // on purpose
    std::uint32_t named = 0;     // by its user; not known of what is left of it
    bool announced = false;      // the other side knows
    bool left_out_told = false;  // and this, too

    void add(const Source& source) {
      files += source.directory ? 0 : 1;
      bytes += source.size;
    }
    void remove(const Source& source) {
      files -= source.directory ? 0 : 1;
      bytes -= source.size;
    }
  };
  struct Open {
    std::size_t entry;
    OutgoingFile file;
    std::optional<chat::Digest> offered;  // the digest that the offer names
    std::optional<chat::Answer> answer;
    std::uint64_t ahead = 0;  // so much of it the other side has, as it is still to tell by its answer
    std::string broken;       // why it cannot be read any more
    bool present = false;     // the other side has it already
    bool started = false;
  };
  using OpenPtr = std::unique_ptr<Open>;
  struct SentChunk {
    std::uint64_t sequence;
    std::size_t entry;
    std::uint64_t bytes;
  };
  struct SentDone {
    std::uint64_t sequence;
    std::size_t entry;
    chat::Digest sha256;
    bool present;
  };

  void say_what_belongs_together(Entry& entry);
  void offer_more(Outlet& outlet);
  bool offer(Outlet& outlet, OpenPtr& open);
  void hash();
  std::uint64_t hash_step();
  void hashed(std::uint32_t number, Open& open);
  bool send_step(Outlet& outlet);
  bool send_chunk(Outlet& outlet, std::uint32_t number, Open& open);
  bool send_done(Outlet& outlet, std::uint32_t number, const Open& open);
  void accepted(std::uint32_t number, Open& open);
  void delivered(const SentDone& done);
  void set_done(std::size_t entry, std::uint64_t bytes);
  void fail(std::size_t entry, std::string reason, bool other_side);
  void count_failed(std::size_t entry, std::string reason, bool other_side);
  FileEvent event(FileEvent::Kind kind, std::size_t entry) const;
  std::map<std::uint32_t, OpenPtr>::const_iterator being_compared() const;

  const bool with_times_;
  std::vector<Entry> entries_;
  std::vector<Waiting> groups_;
  std::deque<std::size_t> waiting_;        // entries to be offered
  std::vector<std::size_t> entry_of_;      // by file number, less 1: what has been offered
  std::map<std::uint32_t, OpenPtr> open_;  // by file number
  std::deque<OpenPtr> again_;              // to be offered anew, with their digests
  std::deque<std::uint32_t> hashing_;      // what the other side has of it is compared, or its digest is wanted
  std::deque<std::uint32_t> sending_;      // the first is being sent
  std::deque<SentChunk> unacknowledged_;
  std::deque<SentDone> unstored_;
  std::uint64_t unsettled_ = 0;
  TransferProgress progress_;
  std::deque<FileEvent> events_;
};

}  // namespace parley::client
