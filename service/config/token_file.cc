#include "service/config/token_file.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/regular_file.h"

namespace parley::config {
namespace {

constexpr std::size_t kLeastTokenBytes = 16;
constexpr std::size_t kMostTokenBytes = 4096;  // what fits a request's header
constexpr std::size_t kLineEndBytes = 2;

bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }

}  // namespace

tl::expected<std::string, std::string> read_token_file(const std::string& path) {
  // With one byte more, so that a longer token is told from what is no token file at all.
  auto text =
      read_regular_file(path, {.most_bytes = kMostTokenBytes + kLineEndBytes + 1, .secret = SecretGroup::of_root});
  if (!text) return tl::make_unexpected(to_string(text.error()));
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
  return std::move(*text);
}

}  // namespace parley::config
