#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace parley {

// Makes an ECDSA P-256 key, in a file that only its owner can read, and a certificate that it signs for itself, good
// for ten years: clients know it by its pin. The directory, of both, is made when it is not there. A key that is
// there already stays, and the certificate is made of it; with both there, nothing is made: another program may have
// made them meanwhile. A certificate without its key is an error. nullopt, or in one line why it could not be done and
// how to mend that.
std::optional<std::string> make_self_signed(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace parley
