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

constexpr std::size_t kManyFiles = 8;

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
  if (static_cast<std::size_t>(std::ranges::count_if(files, has_part)) >= kManyFiles) {
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

// Each folder once, by whichever of the descriptors that are open for it; of many files all folders at once.
void FinishedFiles::sync_entries(std::vector<Finished>& files) {
  std::map<FileId, std::vector<Finished*>> folders;
  for (Finished& one : files) {
    if (one.failure) continue;
    struct stat status{};
    if (::fstat(one.file->place.folder.get(), &status) != 0) {
      one.failure = {What::entry, errno};
    } else {
      folders[{status.st_dev, status.st_ino}].push_back(&one);
    }
  }
  std::optional<dev_t> synced;
  if (files.size() >= kManyFiles && folders.size() > 1) {
    const auto& [first, in_it] = *folders.begin();
    if (::syncfs(in_it.front()->file->place.folder.get()) == 0) synced = first.first;
  }
  for (const auto& [folder, in_it] : folders) {
    const int error = folder.first == synced ? 0 : sync_folder(in_it.front()->file->place.folder.get());
    if (error == 0) continue;
    for (Finished* one : in_it) one->failure = {What::entry, error};
  }
}

}  // namespace parley::client
