#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/descriptor.h"

namespace parley::client {

// A file or folder to be sent: `path` below the open folder `base` is what it is here, `name` what it is offered as,
// within the bounds of an OFFER. Where its folder was named by a link, `found_as` is the path without that.
struct Source {
  std::shared_ptr<const Descriptor> base;
  std::string path;
  std::string name;
  std::uint64_t size = 0;
  bool directory = false;
  std::string error{};  // not empty: why it cannot be sent, "has too long a name"; the other side is told
  std::string found_as{};
  std::shared_ptr<const Descriptor> content{};  // if it is no file of a folder: see given_content.h
};

// Why a file of this size cannot be sent, if so.
std::optional<std::string> size_that_cannot_be_sent(std::uint64_t size);

// What is not sent on purpose.
struct Skipped {
  std::string path;
  std::string reason;    // "is a link"
  bool is_sent = false;  // all the same, as it was named before
};

struct SourceTree {
  std::vector<Source> sources;  // each folder before what is in it, by name
  std::vector<Skipped> skipped;
  std::string error;  // one of the paths cannot be sent at all: why, else empty

  std::uint64_t files() const;     // without folders
  std::uint64_t bytes() const;     // of those that can be sent
  std::uint32_t named() const;     // files and folders that are not in another
  std::uint32_t left_out() const;  // of skipped, those that are not sent
};

// Finds what is to be sent: each path a file, or a folder with all that is in it. Links, devices and sockets are
// skipped, and so is a file that is named twice, and what receive leaves behind of files that are not complete. Of the
// paths themselves a link or a file that is not there is an error, as the user has named it; a link to a folder that
// ends in a slash is followed. Holds a descriptor for each different folder that the paths are in.
SourceTree find_sources(const std::vector<std::string>& paths);

// What is to be sent as a file of this name, without a folder. The error is a sentence.
tl::expected<Source, std::string> source_of(Descriptor content, const std::string& name);

}  // namespace parley::client
