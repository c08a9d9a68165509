#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace parley {

// Makes an ECDSA P-256 key, in a file that only its owner can read, and a certificate that it signs for itself, good
// for ten years: clients know it by its pin. The directory, of both, is made when it is not there. Makes nothing when
// both files are there, as another program may have made them meanwhile; that there is only one is an error. nullopt,
// or in one line why it could not be done and how to mend that.
std::optional<std::string> make_self_signed(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace parley
