#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parley::relay {

// RFC 4648 section 5, without padding.
std::string to_base64url(std::span<const std::byte> bytes);

// nullopt for any other character, an impossible length, or spare bits that are not zero: so each value has one
// spelling only.
std::optional<std::vector<std::byte>> from_base64url(std::string_view text);

}  // namespace parley::relay
