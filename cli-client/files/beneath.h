#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/descriptor.h"

namespace parley::client {

static_assert(sizeof(off_t) == 8, "files may be larger than 2 GiB");

// Opens `path`, relative and without "." or "..", below an open folder, component by component, so that no link is
// followed, not even one that somebody puts there meanwhile. The error is an errno value: ELOOP or ENOTDIR for a link.
tl::expected<Descriptor, int> open_beneath(int folder, std::string_view path, int flags);

// EMFILE, ENFILE: it will do when other files have been closed.
bool is_for_later(int error);
// So many files are open that no more should be, as few descriptors are left for all else: connecting again, asking for
// a relay's address.
bool descriptors_are_short();

// The folder `path` (may be empty) below an open folder; with `create`, what is missing of it is made, and on the
// disk.
tl::expected<Descriptor, int> open_folder_beneath(int folder, std::string_view path, bool create);

// The entries of an open folder are on the disk when it returns 0; otherwise an errno value.
int sync_folder(int folder);

// What an errno value means, for the end of a sentence: "permission denied".
std::string error_text(int error);

}  // namespace parley::client
