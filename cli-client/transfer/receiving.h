#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli-client/files/held_acknowledgements.h"
#include "cli-client/files/receiver.h"
#include "cli-client/transfer/session.h"

namespace parley::client {

// What becomes of what the other side sends.
struct Intake {
  std::shared_ptr<const TargetFolder> folder;
  std::string path;   // of it, for people
  bool asks = false;  // whether it is wanted; otherwise it is
  IfExists if_exists = IfExists::refuse;
};

// One conversation of `parley receive`: what the other side sends is taken, after a question if so wanted, and another
// about each name that is taken. `session` and `display` are kept by reference.
class Receiving {
 public:
  Receiving(Intake intake, TransferSession& session, TransferDisplay& display);

  // Until it is over.
  void run();
  // Says how it ended; returns the exit status.
  int finish();

 private:
  void take_events();
  bool take(const chat::Message& message);
  void show();
  void hear_offers();
  std::string what_comes(const OfferGroups::Group& group) const;
  bool ask();
  void ask(std::uint64_t number, const std::string& question);
  void read_decision();
  void decide_about_offer(std::string_view answer);
  void decide_about_name(std::string_view answer);

  const Intake intake_;
  std::shared_ptr<const TargetFolder> folder_;  // intake_'s, or with the names as they come
  FileReceiver receiver_;
  HeldAcknowledgements acknowledgements_;
  TransferSession& session_;
  TransferDisplay& display_;
  // What is asked: the number of a group of files, or of one of them, which are all smaller.
  static constexpr std::uint64_t kFirstGroup = std::uint64_t{1} << 32U;
  std::uint64_t asked_ = 0;
  std::optional<std::size_t> told_offer_;  // the group that was told of last
  bool takes_all_ = false;                 // without another question
  // Of the groups that were wanted: who comes back with no more need not ask again.
  std::uint64_t wanted_files_ = 0;
  std::uint64_t wanted_bytes_ = 0;
  bool restarted_ = false;
  bool declined_ = false;
  bool said_bye_ = false;  // the other side
  bool failed_ = false;
};

}  // namespace parley::client
