#include "service/config/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "base/secret_file.h"
#include "service/config/config_file.h"

namespace parley::config {
namespace {

constexpr std::size_t kLeastTokenBytes = 16;
constexpr std::size_t kMostTokenBytes = 4096;  // what fits a request's header

struct OpenFile {
  int descriptor;
  ~OpenFile() { ::close(descriptor); }
};

tl::unexpected<std::string> system_fault(int error, const char* remedy) {
  return tl::make_unexpected(std::system_category().message(error) + "; " + remedy);
}

// Up to `most` bytes and one, so that a longer file shows.
tl::expected<std::string, std::string> read_all(const OpenFile& file, std::size_t most, const char* remedy) {
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() <= most) {
    const ssize_t got = ::read(file.descriptor, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_fault(errno, remedy);
    if (got == 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

}  // namespace

tl::expected<std::string, std::string> read_config_file(const std::string& path) {
  constexpr const char* kRemedy = "name a file that can be read";
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.descriptor < 0) return system_fault(errno, kRemedy);
  return read_all(file, kMostFileBytes, kRemedy);
}

tl::expected<std::string, std::string> read_token_file(const std::string& path) {
  constexpr const char* kRemedy = "name a file with the token in it";
  // Without O_NONBLOCK a FIFO would hold the start for ever.
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.descriptor < 0) return system_fault(errno, kRemedy);
  struct stat status{};
  if (::fstat(file.descriptor, &status) != 0) return system_fault(errno, kRemedy);
  if (!S_ISREG(status.st_mode)) return tl::make_unexpected(std::string("not a regular file; ") + kRemedy);

  if (auto fault = open_to_others(status, path)) return tl::make_unexpected(to_string(*fault));

  auto text = read_all(file, kMostTokenBytes, kRemedy);
  if (!text) return text;
  if (!text->empty() && text->back() == '\n') text->pop_back();
  if (!text->empty() && text->back() == '\r') text->pop_back();
  const char* problem = nullptr;
  if (text->empty()) {
    problem = "the file is empty";
  } else if (text->size() < kLeastTokenBytes) {
    problem = "the token has fewer than 16 bytes";
  } else if (text->size() > kMostTokenBytes) {
    problem = "the token has more than 4096 bytes";
  } else if (std::any_of(text->begin(), text->end(), is_blank_or_control)) {
    problem = "the token has a space, a line end or a control character in it";
  }
  if (problem != nullptr)
    return tl::make_unexpected(std::string(problem) + "; make one with: (umask 077; openssl rand -hex 32 > " + path +
                               ")");
  return text;
}

}  // namespace parley::config
