#include "cli-client/meeting/kept_place.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "base/base64url.h"
#include "base/bytes.h"
#include "base/locked_file.h"
#include "cli-client/base/own_folder.h"
#include "cli-client/files/sha256.h"
#include "protocol/relay/control.h"

namespace parley::client {
namespace {

constexpr std::string_view kPrefix = "place-";
constexpr std::array<std::string_view, 2> kSlots{"-1", "-2"};
// No relay takes a token that is older, docs/relay-protocol.md.
constexpr std::chrono::hours kOldest{7 * 24};
constexpr mode_t kMode = 0600;

std::string file_name(const Endpoint& relay, std::string_view room) {
  Sha256 digest;
  digest.update(as_bytes(relay.text()));
  digest.update(as_bytes("/"));
  digest.update(as_bytes(room));
  return std::string(kPrefix) + to_base64url(digest.digest());
}

// Nothing when it cannot be had, or another program has it.
Descriptor open_place(const std::string& path, int flags) {
  auto file = open_locked(AT_FDCWD, path.c_str(), O_RDWR | flags, kMode);
  return file ? std::move(*file) : Descriptor();
}

// Complete with its line's end: whatever was cut off, or never written, is none.
std::optional<std::string> read_token(int file) {
  std::array<char, relay::kMaxResumeBytes + 1> bytes{};
  const ssize_t count = ::pread(file, bytes.data(), bytes.size(), 0);
  const std::string_view text(bytes.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
  const std::string_view line = text.substr(0, text.find('\n'));
  const bool visible = std::all_of(line.begin(), line.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (line.empty() || line.size() == text.size() || !visible) return std::nullopt;
  return std::string(line);
}

bool is_old(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 &&
         std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(status.st_mtime) > kOldest;
}

// Of rooms that nobody has come back to.
void remove_old(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    const std::string path = folder + "/" + std::string(name);
    if (!name.starts_with(kPrefix) || !is_old(path)) continue;
    const Descriptor file = open_place(path, 0);
    if (file.valid() && is_old(path)) ::unlink(path.c_str());
  }
}

}  // namespace

KeptPlace::KeptPlace(const std::string& folder, const Endpoint& relay, std::string_view room) {
  if (folder.empty() || make_own_folder(folder)) return;
  remove_old(folder);
  const std::string path = folder + "/" + file_name(relay, room);
  // One with a token first: of two places, the one that is free may be the second.
  for (const int flags : {0, O_CREAT}) {
    for (const std::string_view slot : kSlots) {
      path_ = path + std::string(slot);
      file_ = open_place(path_, flags);
      if (!file_.valid()) continue;
      token_ = read_token(file_.get());
      if (token_ || flags != 0) return;
      file_.reset();
    }
  }
}

KeptPlace::~KeptPlace() {
  if (file_.valid() && !token_) ::unlink(path_.c_str());
}

void KeptPlace::keep(const std::optional<std::string>& token) {
  if (token == token_) return;
  token_ = token;
  if (!file_.valid()) return;
  // In place, since the lock is on this very file. The line goes out in one piece, so a program that is killed leaves
  // the old token or the new one; not forced to the disk, as to wait for that would hold up the conversation.
  const std::string line = token ? *token + "\n" : "";
  const ssize_t written = ::pwrite(file_.get(), line.data(), line.size(), 0);
  const bool whole = written == static_cast<ssize_t>(line.size());
  if (::ftruncate(file_.get(), whole ? written : 0) != 0 || !whole) token_.reset();
}

}  // namespace parley::client
