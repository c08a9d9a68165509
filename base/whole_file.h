#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace parley {

enum class IfThere { stays, is_replaced };

// Writes a file that is there whole or not at all, whoever looks and whatever fails: under a name of its own in the
// same folder first, and on the disk before it has its name. With IfThere::stays a file that has the name by then stays
// as it is, which is no error. 0, or an errno.
int write_whole_file(const std::filesystem::path& path, std::string_view text, mode_t mode, IfThere there);

// Waits until the names of a folder are on the disk. False with errno.
bool sync_folder(const std::filesystem::path& folder);

}  // namespace parley
