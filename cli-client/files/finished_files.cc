#include "cli-client/files/finished_files.h"

#include <unistd.h>

#include <optional>
#include <utility>

namespace parley::client {
namespace {

constexpr std::size_t kManyFiles = 8;

}  // namespace

void FinishedFiles::add(IncomingFile& file) {
  file.seal();
  files_.push_back(&file);
}

// Each fsync(2) waits for the disk, some milliseconds: for many files one syncfs(2) is ten times faster and more.
void FinishedFiles::store(const std::function<void(IncomingFile&, int error)>& stored) {
  std::optional<dev_t> synced;
  if (files_.size() >= kManyFiles) {
    const IncomingFile& first = *files_.front();
    if (::syncfs(first.place.folder.get()) == 0) synced = first.device();
  }
  for (IncomingFile* file : std::exchange(files_, {})) {
    int error = file->device() == synced ? 0 : file->sync();
    if (error == 0) error = file->publish();
    if (error != 0) file->unseal();
    stored(*file, error);
  }
}

// Once a folder and not once a file: with many small files that is most of the time they take.
void FinishedFiles::entered(Place place, std::size_t group) {
  const std::size_t slash = place.name.rfind('/');
  std::string path = slash == std::string::npos ? "" : place.name.substr(0, slash);
  if (folder_.get() >= 0 && path == path_ && group == group_) return;
  sync_folders();
  folder_ = std::move(place.folder);
  path_ = std::move(path);
  group_ = group;
}

void FinishedFiles::sync_folders() {
  if (folder_.get() >= 0) (void)::fsync(folder_.get());
  folder_ = Descriptor();
}

}  // namespace parley::client
