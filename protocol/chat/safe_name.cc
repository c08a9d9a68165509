#include "protocol/chat/safe_name.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace parley::chat {
namespace {

constexpr std::string_view kUnnamed = "unnamed";
constexpr std::size_t kMaxEndingBytes = 16;  // ".tar.gz" is kept when a name is cut, half a sentence is not

bool unsafe(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x00, 0x1f},       {0x7f, 0x9f},                        // controls
      {'/', '/'},         {'\\', '\\'},                        // separators
      {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},    // invisible, Arabic letter mark
      {0x180e, 0x180e},   {0x200b, 0x200b},                    // invisible blanks
      {0x200e, 0x200f},   {0x2028, 0x202e},                    // marks, separators, bidirectional overrides
      {0x2060, 0x206f},   {0xfeff, 0xfeff}, {0xfff9, 0xfffb},  // invisible operators, isolates, BOM
      {0xe0000, 0xe007f},                                      // tags
  };
  return std::ranges::any_of(kRanges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// Names that open a device on Windows, where files of this folder may end up, whatever follows the dot. It drops blanks
// before that.
bool is_device(std::string_view name) {
  constexpr std::array<std::string_view, 4> kPlain = {"con", "prn", "aux", "nul"};
  std::string stem(name.substr(0, name.find('.')));
  stem.erase(stem.find_last_not_of(' ') + 1);
  std::ranges::transform(stem, stem.begin(), to_lower);
  const bool port = stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
  return std::ranges::find(kPlain, stem) != kPlain.end() || (port && stem[3] >= '0' && stem[3] <= '9');
}

std::string shorten(const std::string& name, std::size_t max_bytes) {
  if (name.size() <= max_bytes) {
    return name;
  }
  const std::size_t dot = name.rfind('.');
  const bool ends =
      dot != std::string::npos && dot > 0 && name.size() - dot <= std::min(kMaxEndingBytes, max_bytes / 2);
  const std::string ending = ends ? name.substr(dot) : "";
  std::string stem = name.substr(0, utf8_boundary(name, max_bytes - ending.size()));
  while (stem.back() == ' ') stem.pop_back();
  return stem + ending;
}

std::string without_unsafe(std::string_view given) {
  std::string name;
  while (!given.empty()) {
    const auto [code, bytes] = first_char(given);
    if (bytes == 0 || unsafe(code)) {
      name += '_';
    } else {
      name += given.substr(0, bytes);
    }
    given.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return name;
}

void trim_blanks(std::string& name) {
  name.erase(name.find_last_not_of(' ') + 1);
  name.erase(0, name.find_first_not_of(' '));
}

// `name` must not be empty.
void disarm(std::string& name, bool first) {
  if (first || name == "." || name == "..") {
    for (std::size_t i = 0; i < name.size() && name[i] == '.'; ++i) {
      name[i] = '_';
    }
  }
  if (name.front() == '-' || name.front() == '~') {
    name.front() = '_';
  }
  if (is_device(name)) {
    name.insert(name.begin(), '_');
  }
}

// Each step can undo what one before has seen to: a name that is cut may be "..", or a device, only then. So what is
// returned is what none of them changes. That ends: only one step adds anything, once, as no device begins with `_`.
std::string safe_component(std::string_view given, bool first, std::size_t max_bytes) {
  std::string name = without_unsafe(given);
  for (std::string before; before != name;) {
    before = name;
    trim_blanks(name);
    if (name.empty()) break;
    disarm(name, first);
    name = shorten(name, max_bytes);
  }
  return name;
}

}  // namespace

std::optional<std::string> safe_path(std::string_view name, std::size_t max_name_bytes, bool keep_dots) {
  if (name.size() > kMaxPathBytes) {
    return std::nullopt;
  }
  std::string path;
  std::size_t depth = 0;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string component = safe_component(name.substr(0, end), depth == 0 && !keep_dots, max_name_bytes);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (component.empty()) {
      continue;
    }
    if (++depth > kMaxPathDepth) {
      return std::nullopt;
    }
    path.append(path.empty() ? "" : "/").append(component);
  }
  if (path.size() > kMaxPathBytes) {
    return std::nullopt;
  }
  return path.empty() ? std::string(kUnnamed) : path;
}

}  // namespace parley::chat
