#include "cli-client/files/finished_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "cli-client/files/beneath.h"

namespace parley::client {
namespace {

using What = Unstored::What;

constexpr std::ptrdiff_t kManyFiles = 8;

}  // namespace

void FinishedFiles::add(IncomingFile& file) {
  file.seal();
  files_.push_back({&file, std::nullopt});
}

void FinishedFiles::store(const std::function<void(IncomingFile&, std::optional<Unstored>)>& stored) {
  auto files = std::exchange(files_, {});
  sync_contents(files);
  publish(files);
  sync_entries(files);
  for (const auto& [file, failure] : files) stored(*file, failure);
}

// For many files one syncfs(2) is ten times faster, and more, than to wait for each.
void FinishedFiles::sync_contents(std::vector<Finished>& files) {
  const auto has_part = [](const Finished& one) { return one.file->has_part(); };
  std::optional<dev_t> synced;
  if (std::ranges::count_if(files, has_part) >= kManyFiles) {
    const IncomingFile& first = *std::ranges::find_if(files, has_part)->file;
    if (::syncfs(first.place.folder.get()) == 0) synced = first.device();
  }
  for (auto& [file, failure] : files) {
    if (!file->has_part() || file->device() == synced) continue;
    if (const int error = file->sync()) failure = {What::content, error};
  }
}

void FinishedFiles::publish(std::vector<Finished>& files) {
  for (auto& [file, failure] : files) {
    if (!file->has_part()) continue;
    if (!failure) {
      if (const int error = file->publish()) failure = {What::name, error};
    }
    if (failure) file->unseal();
  }
}

// Each folder once, by whichever of the descriptors that are open for it.
void FinishedFiles::sync_entries(std::vector<Finished>& files) {
  std::map<FileId, int> errors;
  for (auto& [file, failure] : files) {
    if (failure) continue;
    const int folder = file->place.folder.get();
    struct stat status{};
    if (::fstat(folder, &status) != 0) {
      failure = {What::entry, errno};
      continue;
    }
    const auto [known, is_new] = errors.try_emplace({status.st_dev, status.st_ino});
    if (is_new) known->second = sync_folder(folder);
    if (known->second != 0) failure = {What::entry, known->second};
  }
}

}  // namespace parley::client
