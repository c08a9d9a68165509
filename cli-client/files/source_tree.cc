#include "cli-client/files/source_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/utf8.h"
#include "cli-client/files/beneath.h"
#include "cli-client/files/part_file.h"
#include "cli-client/files/quantity.h"
#include "cli-client/files/target_folder.h"
#include "protocol/chat/bodies.h"
#include "protocol/chat/safe_name.h"

namespace parley::client {
namespace {

struct DirClose {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// A path in the file system as the folder it is in and its last component; "." and the like as what they stand for.
// The root has no component, and what does not exist no folder either.
std::pair<std::string, std::string> split(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::size_t slash = path.rfind('/');
  std::string leaf = path.substr(slash == path.npos ? 0 : slash + 1);
  if (leaf.empty() || leaf == "." || leaf == "..") {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (real == nullptr) {
      return {};
    }
    path = real.get();
    slash = path.rfind('/');
    leaf = path.substr(slash + 1);
  }
  return {slash == path.npos ? "." : path.substr(0, slash + 1), leaf};
}

// The name as it is, which the receiver makes safe, and can tell its user then; the safe one where an OFFER cannot hold
// that: in JSON a control takes six bytes, and a thousand of them more than there may be.
std::string name_to_offer(const std::string& path, const std::string& safe) {
  const bool has_control = std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return is_utf8(path) && !has_control && chat::is_offer_name(path) ? path : safe;
}

// What to call what cannot be offered by its own name: of one that is too long, or too deep, what is in the middle is
// left out.
std::string name_to_tell(const std::string& path) {
  if (auto name = chat::safe_path(path)) return *name;
  const std::size_t slash = path.rfind('/');
  const std::string leaf = slash == path.npos ? path : path.substr(slash + 1);
  std::string front = slash == path.npos ? "" : path.substr(0, std::min(slash, chat::kMaxPathBytes / 2));
  for (; !front.empty(); front.resize(front.find('/') == front.npos ? 0 : front.rfind('/'))) {
    if (auto name = chat::safe_path(front + "/…/" + leaf)) return *name;
  }
  return chat::safe_path(leaf.substr(0, chat::kMaxNameBytes)).value();
}

std::uint64_t size_of(const struct stat& status) {
  return S_ISDIR(status.st_mode) ? 0 : static_cast<std::uint64_t>(status.st_size);
}

class Finder {
 public:
  SourceTree find(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      find_one(path);
      if (!tree_.error.empty()) break;
    }
    return std::move(tree_);
  }

 private:
  void find_one(const std::string& path) {
    if (path.empty()) return fail("a file", "without a name does not exist");
    auto [folder, leaf] = split(path);
    link_.clear();
    if (leaf.empty()) {
      return fail(path, folder.empty() ? "does not exist" : "is the root of the file system");
    }
    struct stat status{};
    if (!look(folder, leaf, status)) return cannot_look(path);
    if (S_ISLNK(status.st_mode) && path.ends_with('/')) {
      link_ = leaf;
      std::tie(folder, leaf) = split(path + ".");
      if (leaf.empty() || !look(folder, leaf, status)) return cannot_look(path);
      target_ = leaf;
    }
    if (S_ISLNK(status.st_mode)) {
      return fail(path, "is a link; name what it leads to" + std::string(is_folder(path) ? ", or add a slash" : ""));
    }
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
      return fail(path, "is neither a file nor a folder");
    }
    if (::faccessat(base_->get(), leaf.c_str(), R_OK, AT_EACCESS) != 0) {
      return fail(path, "cannot be read: " + error_text(errno));
    }
    add(link_.empty() ? leaf : link_, status);
  }

  // What there is in a folder, which is base_ from now on. False: errno says why it cannot be told.
  bool look(const std::string& folder, const std::string& leaf, struct stat& status) {
    auto& base = bases_[folder];
    if (!base) {
      base = std::make_shared<Descriptor>(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    base_ = base;
    return base->get() >= 0 && ::fstatat(base->get(), leaf.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  }
  void cannot_look(const std::string& path) {
    fail(path, errno == ENOENT ? "does not exist" : "cannot be read: " + error_text(errno));
  }
  static bool is_folder(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }

  // Where it is below base_: by what a link leads to, if the user has named a folder by one.
  std::string found_as(const std::string& path) const {
    return link_.empty() ? path : target_ + path.substr(link_.size());
  }

  // `path` is below base_.
  void add(const std::string& path, const struct stat& status) {
    const bool directory = S_ISDIR(status.st_mode);
    const auto name = chat::safe_path(path);
    if (!name) return miss(path, status, "has too long a name");
    if (directory) return add_folder(path, *name, status);
    // Another file that would have the same name there is for the other side to decide about.
    const FileId id = {status.st_dev, status.st_ino};
    if (!sent_.emplace(*name, id).second) return skip(path, "is named twice", true);
    if (const auto why = size_that_cannot_be_sent(size_of(status))) return miss(path, status, *why);
    push({base_, path, name_to_offer(path, *name), size_of(status), false});
  }

  void add_folder(const std::string& path, const std::string& name_there, const struct stat& status) {
    auto folder = open_folder_beneath(base_->get(), found_as(path), false);
    if (!folder) return miss(path, status, "cannot be read: " + error_text(folder.error()));
    const std::unique_ptr<DIR, DirClose> dir(::fdopendir(folder->get()));
    if (!dir) return miss(path, status, "cannot be read: " + error_text(errno));
    const int fd = folder->release();  // it is the DIR's now
    const std::size_t self = tree_.sources.size();
    push({base_, path, name_to_offer(path, name_there), 0, true});
    if (!tree_.error.empty()) return;
    std::vector<std::string> names;
    for (errno = 0; const dirent* entry = ::readdir(dir.get()); errno = 0) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) tree_.sources[self].error = "cannot be read whole: " + error_text(errno);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!tree_.error.empty()) return;
      const std::string below = path + "/" + name;
      struct stat found{};
      if (::fstatat(fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        miss(below, found, "cannot be read: " + error_text(errno));
      } else if (S_ISLNK(found.st_mode)) {
        skip(below, "is a link");
      } else if (name.ends_with(kPartEnding)) {
        skip(below, "is part of a file that has not come whole");
      } else if (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode)) {
        add(below, found);
      } else {
        skip(below, "is neither a file nor a folder");
      }
    }
  }

  void miss(const std::string& path, const struct stat& status, const std::string& why) {
    push({base_, path, name_to_tell(path), std::min(size_of(status), chat::kMaxFileBytes), S_ISDIR(status.st_mode),
          why});
  }
  void push(Source source) {
    std::uint64_t& count = source.directory ? folders_ : files_;
    if (count == chat::kMaxFiles) {
      return fail(source.path, "is one of more than " + count_text(count, "", source.directory ? "folders" : "files") +
                                   "; put them into an archive and send that");
    }
    ++count;
    if (!link_.empty()) source.found_as = found_as(source.path);
    tree_.sources.push_back(std::move(source));
  }
  void skip(const std::string& path, const std::string& why, bool is_sent = false) {
    tree_.skipped.push_back({path, why, is_sent});
  }
  void fail(const std::string& path, const std::string& why) { tree_.error = path + " " + why; }

  SourceTree tree_;
  std::uint64_t files_ = 0;
  std::uint64_t folders_ = 0;
  std::map<std::string, std::shared_ptr<Descriptor>> bases_;
  std::shared_ptr<const Descriptor> base_;
  std::string link_;                               // the last component of the path, if that is a link to a folder
  std::string target_;                             // and that of what it leads to
  std::set<std::pair<std::string, FileId>> sent_;  // of files, by their names there
};

}  // namespace

std::optional<std::string> size_that_cannot_be_sent(std::uint64_t size) {
  if (size <= chat::kMaxFileBytes) return std::nullopt;
  return "has " + count_text(size, "byte", "bytes") + ", and the largest file that can be sent " +
         count_text(chat::kMaxFileBytes, "byte", "bytes");
}

std::uint64_t SourceTree::files() const {
  return static_cast<std::uint64_t>(
      std::count_if(sources.begin(), sources.end(), [](const Source& source) { return !source.directory; }));
}

std::uint64_t SourceTree::bytes() const {
  std::uint64_t sum = 0;
  for (const Source& source : sources) sum += source.error.empty() ? source.size : 0;
  return sum;
}

std::uint32_t SourceTree::named() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(sources, [](const Source& source) { return source.path.find('/') == source.path.npos; }));
}

std::uint32_t SourceTree::left_out() const {
  return static_cast<std::uint32_t>(std::ranges::count(skipped, false, &Skipped::is_sent));
}

tl::expected<Source, std::string> source_of(Descriptor content, const std::string& name) {
  if (name.find('/') != name.npos || name == "." || name == ".." || !chat::is_offer_name(name)) {
    return tl::unexpected("\"" + name + "\" is no name for a file: 1 to 255 bytes without a slash");
  }
  struct stat status{};
  if (::fstat(content.get(), &status) != 0) return tl::unexpected("it cannot be read: " + error_text(errno));
  Source source{nullptr, name, name_to_offer(name, chat::safe_path(name).value()), size_of(status), false};
  if (const auto why = size_that_cannot_be_sent(source.size)) return tl::unexpected(name + " " + *why);
  source.content = std::make_shared<const Descriptor>(std::move(content));
  return source;
}

SourceTree find_sources(const std::vector<std::string>& paths) { return Finder().find(paths); }

}  // namespace parley::client
