#include "parleyd/watched_files.h"

#include <sys/stat.h>

#include <cerrno>

#include "service/access/credentials.h"

namespace parley {
namespace {

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

WatchedFiles::State state_of(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return {.error = errno};
  return {.error = 0,
          .device = file.st_dev,
          .inode = file.st_ino,
          .bytes = file.st_size,
          .written_ns = nanoseconds(file.st_mtim),
          .changed_ns = nanoseconds(file.st_ctim)};
}

}  // namespace

std::vector<std::string> files_of(const config::Invocation& invocation) {
  std::vector<std::string> files = files_of(invocation.config.service.relay);
  const AdminSettings& admin = invocation.config.admin;
  for (const std::string& path : {admin.certificate, admin.key, admin.client_ca, admin.token_file}) {
    if (!path.empty()) files.push_back(path);
  }
  return files;
}

WatchedFiles::States WatchedFiles::look() const {
  States now;
  for (const auto& [path, state] : known_) now.emplace(path, state_of(path));
  return now;
}

void WatchedFiles::expect(const std::vector<std::string>& paths, const States& read) {
  known_.clear();
  for (const std::string& path : paths) {
    const auto before = read.find(path);
    const bool was_there = before != read.end() && before->second.error == 0;
    known_.emplace(path, was_there ? before->second : state_of(path));
  }
  newest_ = known_;
}

std::vector<std::string> WatchedFiles::changed(TimePoint now) {
  States seen = look();
  if (seen != newest_) {
    newest_ = std::move(seen);
    newest_since_ = now;
    return {};
  }
  if (newest_ == known_ || now - newest_since_ < kSettled) return {};
  std::vector<std::string> paths;
  for (const auto& [path, state] : newest_) {
    if (known_.at(path) != state) paths.push_back(path);
  }
  known_ = newest_;
  return paths;
}

}  // namespace parley
