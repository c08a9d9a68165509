#include "cli-client/terminal/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace parley::client {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kRows = 24;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t size(int fd, unsigned short winsize::* member, std::size_t otherwise) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.*member > 0 ? size.*member : otherwise;
}

}  // namespace

bool Screen::is_terminal() const { return ::isatty(fd_) != 0; }

bool Screen::can_overwrite() const {
  const std::string_view terminal = environment("TERM");
  return is_terminal() && !terminal.empty() && terminal != "dumb";
}

bool Screen::wants_colours() const { return can_overwrite() && environment("NO_COLOR").empty(); }

std::size_t Screen::columns() const { return size(fd_, &winsize::ws_col, kColumns); }
std::size_t Screen::rows() const { return size(fd_, &winsize::ws_row, kRows); }

bool user_can_be_asked() { return Screen(STDIN_FILENO).is_terminal() && Screen(STDERR_FILENO).is_terminal(); }
bool user_is_at_terminal() { return Screen(STDIN_FILENO).is_terminal() && Screen(STDOUT_FILENO).is_terminal(); }

}  // namespace parley::client
