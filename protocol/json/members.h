#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parley::json {

struct Other {};  // null, a fraction, a negative number, an object, an array with anything but texts
using Texts = std::vector<std::string>;
using Value = std::variant<Other, bool, std::uint64_t, std::string, Texts>;
using Members = std::map<std::string, Value, std::less<>>;

constexpr std::size_t kMaxDepth = 8;

// The members of one JSON object (RFC 8259), read without a tree; texts are UTF-8. nullopt for anything else: more than
// kMaxDepth levels, a name twice, of which two readers could take different ones, or a NUL or a byte order mark, which
// the JSON library would take for the end, and for nothing. Only the names of the object itself are compared: of what
// is deeper nothing is kept. The caller has bounded the text.
std::optional<Members> read_members(std::string_view text);

}  // namespace parley::json
