#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace parley {

// The system's words for an errno: "No such file or directory". std::strerror() may not be used on two threads at once.
inline std::string errno_text(int error = errno) { return std::generic_category().message(error); }

}  // namespace parley
