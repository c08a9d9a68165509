#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::client {

// The keys of a terminal out of the bytes that it sends, which are cut anywhere. A terminal that was told to marks what
// is pasted (xterm's "bracketed paste mode"), so that it is not taken for keys: of that only characters come through,
// tabs and the ends of lines. Characters are decoded as the current locale has them.
class Keyboard {
 public:
  // What tells the terminal to mark pastes, and to stop it.
  static constexpr const char* kMarkPastes = "\033[?2004h";
  static constexpr const char* kStopMarkingPastes = "\033[?2004l";

  void feed(std::string_view bytes) { bytes_ += bytes; }
  // nullopt: not before there are more bytes.
  std::optional<wchar_t> next();
  // Bytes wait that are no key yet, or were not asked for.
  bool has_more() const { return !bytes_.empty(); }
  // The last key was pasted.
  bool pasting() const { return pasting_; }

 private:
  bool take_mark();

  std::string bytes_;
  bool pasting_ = false;
};

}  // namespace parley::client
