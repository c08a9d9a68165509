#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli-client/files/target_folder.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// Which of the files offered are wanted. They come in groups, one for each time that the other side was told to send
// something, and a group is wanted or not as a whole. What it says of itself binds it: an offer that goes beyond the
// number or the size of its files is a group of its own.
// Pure, and bounded by what its user lets be held.
class OfferGroups {
 public:
  struct Group {
    std::size_t number = 0;  // from 0, over all restarts
    std::string name;        // of the first in it: safe_path()'s
    bool directory = false;
    std::uint64_t files = 0;  // without folders
    std::uint64_t bytes = 0;
    std::uint64_t left_out = 0;  // on purpose
    std::uint64_t named = 0;     // files and folders that its user has named; 0: not told
    std::string hidden{};        // the first name in it, of those held, that begins with a dot; empty: none does
  };
  // A decided offer without a folder is declined; an undecided one is held.
  struct Verdict {
    std::size_t group = 0;
    bool decided = false;
    std::shared_ptr<const TargetFolder> folder;
  };

  // `folder`: for everything. Without one, groups wait for decide().
  explicit OfferGroups(std::optional<TargetFolder> folder);

  Verdict judge(const chat::Offer& offer);
  // The same file will be offered once more, and has been decided.
  void expect_again(const chat::Offer& offer, std::size_t group, std::shared_ptr<const TargetFolder> folder);
  std::size_t held() const;

  // The oldest that waits; nullptr: none does.
  const Group* waiting() const;
  // Decides it, and gives out what was held of it, with its verdict.
  struct Decided {
    Verdict verdict;
    std::deque<chat::Offer> offers;
  };
  Decided decide(std::shared_ptr<const TargetFolder> folder);
  // What is still to come of the group decided last is not wanted after all.
  void decline_rest();

  void clear();

 private:
  struct Entry {
    Group group;
    bool decided = false;
    std::shared_ptr<const TargetFolder> folder;
    std::uint64_t files_left = 0;
    std::uint64_t bytes_left = 0;
    std::string below;  // folders below this one belong to it
    std::deque<chat::Offer> held;
  };
  struct Again {
    std::string name;
    std::uint64_t size;
    Verdict verdict;
  };

  static bool covers(const Entry& entry, const chat::Offer& offer);

  std::shared_ptr<const TargetFolder> all_;
  std::deque<Entry> entries_;  // those that wait, and the last
  std::deque<Again> again_;
  std::size_t next_ = 0;
};

}  // namespace parley::client
