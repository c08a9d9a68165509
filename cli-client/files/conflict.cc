#include "cli-client/files/conflict.h"

#include <algorithm>

#include "base/utf8.h"
#include "cli-client/files/part_file.h"
#include "protocol/chat/safe_name.h"

namespace parley::client {
namespace {

constexpr std::size_t kMaxEndingBytes = 16;

}  // namespace

std::optional<std::string> received_name(std::string_view name, bool directory, bool keep_dots) {
  auto received = chat::safe_path(name, chat::kMaxNameBytes, keep_dots);
  // What is changed is made safe again: it may have become too long.
  if (received && !directory && received->ends_with(kPartEnding)) {
    received = chat::safe_path(*received + '_', chat::kMaxNameBytes, keep_dots);
  }
  return received;
}

std::string numbered_name(std::string_view name, unsigned n, std::size_t max_bytes) {
  if (n == 0) return std::string(name);
  std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > kMaxEndingBytes) dot = name.size();
  // "backup.tar.gz" is numbered before ".tar".
  if (name.substr(0, dot).ends_with(".tar") && dot > 4) dot -= 4;
  const std::string tail = " (" + std::to_string(n) + ")" + std::string(name.substr(dot));
  const std::size_t stem = utf8_boundary(name, std::min(dot, max_bytes - tail.size()));
  return std::string(name.substr(0, stem)) + tail;
}

}  // namespace parley::client
