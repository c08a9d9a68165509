#include "cli-client/chat/path_completion.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/quoting.h"
#include "cli-client/chat/input.h"

namespace parley::client {
namespace {

struct DirClose {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

// The last word of a command's arguments as it is typed.
struct Word {
  std::string text;  // without its quotes
  char quote = 0;    // that is open
};

std::optional<Word> last_word(std::string_view text) {
  Word word;
  if (text.ends_with('\\')) return std::nullopt;  // what it stands before is not there yet
  auto words = split_words(text);
  for (const char quote : {'"', '\''}) {
    if (words) break;
    word.quote = quote;
    words = split_words(std::string(text) + quote);
  }
  if (!words) return std::nullopt;
  // A blank that ends the last word begins another.
  const auto one_more = split_words(std::string(text) + (word.quote == 0 ? "x" : std::string(1, word.quote) + "x"));
  if (one_more && one_more->size() == words->size() && !words->empty()) word.text = words->back();
  return word;
}

std::vector<std::string> names_in(const std::string& folder, std::string_view beginning, bool folders_only) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, DirClose> dir(::opendir(folder.empty() ? "." : folder.c_str()));
  if (!dir) return names;
  while (const dirent* entry = ::readdir(dir.get())) {
    std::string name = entry->d_name;
    if (!name.starts_with(beginning) || (name.front() == '.' && !beginning.starts_with('.'))) continue;
    if (name == "." || name == ".." || escape(name) != name || name.find('\t') != std::string::npos) continue;
    struct stat status{};
    const bool is_folder = ::fstatat(::dirfd(dir.get()), name.c_str(), &status, 0) == 0 && S_ISDIR(status.st_mode);
    if (is_folder) name += '/';
    if (is_folder || !folders_only) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What all of them begin with, whole characters of it.
std::string common_beginning(const std::vector<std::string>& names) {
  std::string common = names.front();
  for (const std::string& name : names) {
    const auto [end, other] = std::mismatch(common.begin(), common.end(), name.begin(), name.end());
    common.erase(end, common.end());
  }
  return common.substr(0, utf8_boundary(names.front(), common.size()));
}

std::optional<Completion> complete_command(std::string_view line) {
  if (!line.starts_with('/') || line.starts_with("//")) return std::nullopt;
  std::vector<std::string> names;
  for (const std::string_view name : chat_commands()) {
    if (name.starts_with(line)) names.emplace_back(name);
  }
  if (names.empty()) return Completion{};
  if (names.size() == 1) return Completion{names.front().substr(line.size()) + " ", {}};
  return Completion{common_beginning(names).substr(line.size()), names};
}

}  // namespace

std::optional<Completion> complete_line(std::string_view line) {
  const std::size_t blank = line.find_first_of(" \t");
  if (blank == std::string_view::npos) return complete_command(line);
  const ChatInput::Kind kind = parse_chat_input(line).kind;
  if (kind != ChatInput::Kind::send && kind != ChatInput::Kind::accept) return std::nullopt;
  const auto word = last_word(line.substr(blank));
  if (!word) return Completion{};
  const std::size_t slash = word->text.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : word->text.substr(0, slash + 1);
  const std::string beginning = word->text.substr(folder.size());
  auto names = names_in(folder, beginning, kind == ChatInput::Kind::accept);
  if (names.empty()) return Completion{};
  Completion completion;
  completion.more = quoted(std::string_view(common_beginning(names)).substr(beginning.size()), word->quote);
  if (names.size() > 1) {
    completion.choices = std::move(names);
  } else if (!names.front().ends_with('/')) {
    completion.more += word->quote == 0 ? " " : std::string(1, word->quote) + " ";
  }
  return completion;
}

}  // namespace parley::client
