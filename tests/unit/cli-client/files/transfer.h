#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli-client/files/held_acknowledgements.h"
#include "cli-client/files/receiver.h"
#include "cli-client/files/sender.h"
#include "protocol/chat/conversation.h"
#include "tests/unit/cli-client/files/scratch_folder.h"

namespace parley::client {

// Bytes of a file whose last chunk is not full.
inline constexpr std::size_t kThreeChunks = 3 * chat::kChunkBytes - 100;

// Records on their way, with a conversation's bounds: so many chunks, and bytes of other records, at a time.
class Queue : public Outlet {
 public:
  struct Record {
    chat::Type type;
    Bytes body;
  };

  bool can_send(chat::Type type, std::size_t body_bytes) override {
    return type == chat::Type::chunk ? chunks_ < 8 : bytes_ + body_bytes <= chat::kMaxKeptBytes;
  }
  std::uint64_t send(chat::Type type, Bytes body) override {
    (type == chat::Type::chunk ? chunks_ : bytes_) += type == chat::Type::chunk ? 1 : body.size();
    records_.push_back({type, std::move(body)});
    return ++last_;
  }
  void send_comparing(const chat::Comparing& one) override { comparing.push_back(one); }
  bool tells_stored() const override { return tells_apart; }
  void stored(chat::MessageId id) override { told_stored = id.sequence; }
  bool empty() const { return records_.empty(); }
  Record pop() {
    Record record = std::move(records_.front());
    records_.pop_front();
    (record.type == chat::Type::chunk ? chunks_ : bytes_) -= record.type == chat::Type::chunk ? 1 : record.body.size();
    ++popped_;
    return record;
  }
  // The number of the record popped last.
  std::uint64_t popped() const { return popped_; }
  void clear() {
    const bool apart = tells_apart;
    *this = Queue();
    tells_apart = apart;
  }

  std::deque<chat::Comparing> comparing;
  bool tells_apart = false;
  std::uint64_t told_stored = 0;

 private:
  std::deque<Record> records_;
  std::size_t chunks_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t popped_ = 0;
};

inline TargetFolder open_target(const std::string& path) {
  auto folder = TargetFolder::open(path);
  EXPECT_TRUE(folder) << folder.error();
  return std::move(*folder);
}

// Both sides, and what is between them.
struct Transfer {
  explicit Transfer(const ScratchFolder& target, IfExists if_exists = IfExists::refuse)
      : folder(&target), receiver(std::in_place, open_target(target.path()), if_exists) {}

  void send(const std::vector<std::string>& paths) {
    const SourceTree tree = find_sources(paths);
    EXPECT_EQ(tree.error, "");
    skipped.clear();
    for (const Skipped& one : tree.skipped) skipped.push_back(one.path + " " + one.reason);
    sender.emplace();
    sender->add(tree);
  }

  // One record each way at most. False: nothing is left to do.
  bool step() {
    sender->pump(forth);
    receiver->pump(back, now);
    for (const chat::Comparing& one : std::exchange(back.comparing, {})) {
      if (!is_older) sender->take(one);
    }
    bool moved = sender->busy() || receiver->busy();
    if (!forth.empty()) {
      auto record = forth.pop();
      ++records[record.type];
      if (on_record) on_record(record);
      const chat::MessageId id{forth.popped(), 0};
      const auto error = receiver->take(record.type, id, record.body);
      EXPECT_FALSE(error) << error.message();
      acknowledgements.add(id, receiver->to_be_stored());
      receiver->pump(back, now);
      moved = true;
    }
    const auto id = acknowledgements.take(receiver->stored());
    if (id) acknowledged.sequence = id->sequence;
    const std::uint64_t stored = back.tells_apart ? back.told_stored : acknowledged.sequence;
    if (id || stored != acknowledged.stored) {
      acknowledged.stored = stored;
      sender->take(acknowledged);
      moved = true;
    }
    if (!back.empty()) {
      if (on_answer) on_answer();
      const auto error = sender->take(back.pop().body);
      EXPECT_FALSE(error) << error.message();
      moved = true;
    }
    while (auto event = sender->next_event()) sent.push_back(*event);
    while (auto event = receiver->next_event()) received.push_back(*event);
    if (moved || !receiver->deadline()) return moved;
    now = *receiver->deadline();
    return true;
  }
  void run() {
    while (step()) {
    }
  }
  // One of the programs is started anew: the conversation is another.
  void restart_receiver(IfExists if_exists = IfExists::refuse) {
    receiver.reset();  // as the kernel closes what a killed program had open
    receiver.emplace(open_target(folder->path()), if_exists);
    forth.clear();
    back.clear();
    acknowledgements.clear();
    acknowledged = {};
    sender->restart();
  }
  void restart_sender(const std::vector<std::string>& paths) {
    send(paths);
    forth.clear();
    back.clear();
    acknowledgements.clear();
    acknowledged = {};
    receiver->restart();
  }

  static std::size_t count(const std::vector<FileEvent>& events, FileEvent::Kind kind) {
    std::size_t n = 0;
    for (const FileEvent& event : events) n += event.kind == kind ? 1U : 0U;
    return n;
  }
  static std::string reasons(const std::vector<FileEvent>& events) {
    std::string text;
    for (const FileEvent& event : events) {
      if (event.kind == FileEvent::Kind::failed) text += event.name + " " + event.reason + "\n";
    }
    return text;
  }

  const ScratchFolder* folder;
  std::optional<FileSender> sender;
  std::optional<FileReceiver> receiver;
  HeldAcknowledgements acknowledgements;
  chat::Acknowledged acknowledged;
  TimePoint now{};
  Queue forth;
  Queue back;
  bool is_older = false;  // the sender, than COMPARING
  std::function<void(Queue::Record&)> on_record;
  std::function<void()> on_answer;            // before the sender has it
  std::map<chat::Type, std::size_t> records;  // how many have gone forth
  std::vector<FileEvent> sent;
  std::vector<FileEvent> received;
  std::vector<std::string> skipped;
};

// Text that is nowhere the same.
inline std::string noise(std::size_t bytes, unsigned seed = 1) {
  std::string text(bytes, '\0');
  for (char& c : text) {
    seed = seed * 1664525U + 1013904223U;
    c = static_cast<char>(seed >> 24U);
  }
  return text;
}

}  // namespace parley::client
