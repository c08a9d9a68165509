#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley::chat {

constexpr std::size_t kMaxPathBytes = 1024;
constexpr std::size_t kMaxPathDepth = 32;
constexpr std::size_t kMaxNameBytes = 255;

// Makes the path that the other side gives a file one that stays in the folder chosen and shows as what it is:
// relative, `/` between its components, each of them UTF-8 without separators, controls, bidirectional or invisible
// characters, 1 to max_name_bytes long, not "." or "..", not the name of a device, not with a dash or tilde first;
// the first component with no dot first either (no hidden file lands in the folder chosen, while a folder that is
// sent keeps its own). What is safe stays as it is: safe_path(*safe_path(name)) == safe_path(name).
// docs/chat-protocol.md, "Names and parts", has the rules.
// It does not look at the file system: links and files that are there already are the caller's business, and two
// names may become the same one.
// `max_name_bytes`: at least 16; less than kMaxNameBytes leaves room for an ending of one's own. With `keep_dots` the
// first component may be hidden, too, as the user has said so.
// nullopt: over kMaxPathBytes, before or after, or kMaxPathDepth.
std::optional<std::string> safe_path(std::string_view name, std::size_t max_name_bytes = kMaxNameBytes,
                                     bool keep_dots = false);

}  // namespace parley::chat
