#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli-client/files/comparison.h"
#include "cli-client/files/conflict.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/part_file.h"
#include "cli-client/files/sha256.h"
#include "cli-client/files/target_folder.h"
#include "protocol/chat/bodies.h"

namespace parley::client {

// One file on its way in: where it goes, how much of it is there, and the digest of that.
class IncomingFile {
 public:
  enum class State {
    comparing,   // whether the file that has its name is the same
    asking,      // the user, what to do about that file
    resuming,    // the digest of the part that is there
    receiving,   // its answer is due or given
    completing,  // all has come; it is to get to the disk and to its name
  };

  IncomingFile(chat::Offer what, OfferGroups::Verdict whose, Place where, IfExists policy)
      : offer(std::move(what)),
        verdict(std::move(whose)),
        place(std::move(where)),
        name(place.leaf),
        if_exists(policy) {}
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;
  // What has come is kept; a part with nothing in it is not.
  ~IncomingFile();

  // Compares with the file that has its name, of the same size; or goes on with that.
  int start_comparing();
  void go_on_comparing(Comparison comparison);
  void stop_comparing() { comparison_.reset(); }
  // Receives into the part file, going on with what is there. EBUSY, EEXIST: see PartFile::open().
  int start_part();
  // One step of comparing or resuming, true when it is through. `write_error`: an errno value, it cannot be received.
  bool hash_step(int& write_error);
  // After comparing: they are the same.
  bool same() const { return comparison_ && comparison_->is_of(*offer.sha256); }
  void set_present() {
    position_ = offer.size;
    present_ = true;
    state = State::receiving;
  }

  chat::Answer answer();
  bool present() const { return present_; }
  bool answered() const { return answered_; }
  // How much has been read, or has come.
  std::uint64_t position() const { return comparison_ ? comparison_->position() : position_; }
  // What is to come and has been promised room on the disk.
  std::uint64_t promised() const {
    return part_ ? std::min(offer.size - part_->size(), offer.stored.value_or(offer.size)) : 0;
  }

  // A chunk where it may be; bad_transfer otherwise. `write_error` is an errno value.
  std::error_code take(const chat::Chunk& chunk, int& write_error);
  bool complete() const { return present_ || position_ == offer.size; }
  // Of the whole, once it is complete.
  chat::Digest sha256() const { return present_ ? *offer.sha256 : digest_.digest(); }
  bool matches(const chat::Digest& digest) const { return digest == sha256(); }
  // It is complete and right: PartFile's seal(), sync() and publish(), where there is a part; unseal() when one of
  // these went wrong.
  void seal();
  void unseal() { part_->unseal(); }
  int sync() { return part_->sync(); }
  int publish();
  // With a part only.
  dev_t device() const { return part_->device(); }
  bool has_part() const { return part_.has_value(); }
  // What of it is on the disk, to be gone on with.
  std::uint64_t kept() const { return part_ && part_->is_intact() ? part_->size() : 0; }
  // What a file that is made anew gets of the offer's permission bits.
  mode_t mode() const { return verdict.folder->allowed(offer.mode.value_or(offer.directory ? 0777 : 0666)); }
  // What has come is of no use.
  void discard();

  const chat::Offer offer;
  const OfferGroups::Verdict verdict;
  Place place;
  const std::string name;  // the leaf it was offered with
  IfExists if_exists;
  std::uint64_t counted = 0;  // of it, in the receiver's progress
  unsigned attempt = 0;       // the number in the name, when names are taken
  bool replace = false;
  bool started = false;
  State state = State::comparing;

 private:
  std::optional<PartFile> part_;
  std::optional<Comparison> comparison_;
  Sha256 digest_;
  std::uint64_t position_ = 0;
  bool present_ = false;
  bool answered_ = false;
  std::uint64_t answered_offset_ = 0;
};

}  // namespace parley::client
