#pragma once

#include <cstddef>
#include <string_view>

#include "base/secret.h"

namespace parley::chat {

// Beyond any invite with a mail round it; what somebody pasted by mistake is not searched through.
constexpr std::size_t kMaxPastedBytes = 4096;

// An invite as mail, editors and shells hand it over, without what they have added: docs/chat-protocol.md, "Dropped
// when an invite is read". Where it ends is known by its length, so nothing of it is dropped. Whether it is right is
// for Invite::parse() to say.
class PastedInvite {
 public:
  // In UTF-8, or in UTF-16 as PowerShell writes files. Of at most kMaxPastedBytes.
  explicit PastedInvite(std::string_view pasted);
  // From parley:// on; empty when that is not there.
  std::string_view invite() const { return invite_.reveal(); }
  // What is left behind it: nothing, as a rule.
  std::string_view behind() const { return behind_.reveal(); }
  // It has all its characters: more text would not belong to it.
  bool is_whole() const { return whole_; }
  // There was nothing but what is dropped.
  bool is_empty() const { return empty_; }

 private:
  SecretText invite_;
  SecretText behind_;
  bool whole_ = false;
  bool empty_ = false;
};

}  // namespace parley::chat
