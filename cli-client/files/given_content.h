#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/descriptor.h"

namespace parley::client {

// Bytes to be sent that are in no file of their own, as a file without a name that can be read from anywhere. The error
// is a sentence.
tl::expected<Descriptor, std::string> content_of(std::string_view text);
// All there is to read, to its end: what it sends has a size. What is no file is kept in TMPDIR, or /tmp.
tl::expected<Descriptor, std::string> content_of(int input);

}  // namespace parley::client
