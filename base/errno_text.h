#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace parley {

// The system's words for an errno: "No such file or directory". std::strerror() may not be used on two threads at once.
inline std::string errno_text(int error = errno) { return std::generic_category().message(error); }

// What to do when something is used up; empty when `error` is not about that.
inline std::string_view remedy_of_scarcity(int error) {
  switch (error) {
    case EMFILE:
      return "raise the limit on descriptors (ulimit -n)";
    case ENFILE:
      return "the system has no descriptors left; raise fs.file-max";
    case ENOMEM:
    case ENOBUFS:
      return "there is no memory left; give it more";
    default:
      return {};
  }
}

}  // namespace parley
