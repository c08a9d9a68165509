#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "cli-client/net/endpoint.h"

namespace parley::client {

// The newest resume token of a room, kept in a file so that a program that was killed takes its place back when it is
// started again, and need not wait until the relay has given the place up.
//
// Two programs of one user may be in the same room, so there are two files a room, "place-DIGEST-1" and "-2". A file
// belongs to the program that holds an flock(2) on it, which ends with the program however that ends: a token whose
// file is locked is that of a living program, and not to be had. The digest is of relay and room, so that neither can
// be read from the name.
//
// What cannot be kept is not, without a word: then it is as if the program had never been there.
class KeptPlace {
 public:
  // `folder` is made when it is not there; empty: nothing is kept.
  KeptPlace(const std::string& folder, const Endpoint& relay, std::string_view room);
  // Leaves a file only when there is a token in it.
  ~KeptPlace();
  KeptPlace(const KeptPlace&) = delete;
  KeptPlace& operator=(const KeptPlace&) = delete;

  // What was kept last: by a program that is no more, until keep() is called.
  const std::optional<std::string>& token() const { return token_; }
  // nullopt: there is no place to come back to.
  void keep(const std::optional<std::string>& token);

 private:
  std::string path_;
  Descriptor file_;  // locked; none when nothing can be kept
  std::optional<std::string> token_;
};

}  // namespace parley::client
