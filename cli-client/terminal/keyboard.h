#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::client {

// The keys of a terminal out of the bytes that it sends, which are cut anywhere. What is pasted is text, not keys: a
// terminal that was told to marks it (xterm's "bracketed paste mode"). So is the line feed of Alt-Enter, by which the
// line goes on. Characters are decoded as the current locale has them.
class Keyboard {
 public:
  // What tells the terminal to mark pastes, and to stop it.
  static constexpr const char* kMarkPastes = "\033[?2004h";
  static constexpr const char* kStopMarkingPastes = "\033[?2004l";
  // Stands for take_text(). No key gives it.
  static constexpr wchar_t kText = L'\x1e';

  void feed(std::string_view bytes);
  // nullopt: not before there are more bytes.
  std::optional<wchar_t> next();
  // Behind kText: what is to be inserted as it is. Lines end in line feeds; of what steers a terminal only tabs are
  // left.
  std::wstring take_text();
  // Bytes wait that are no key yet, or were not asked for.
  bool has_more() const { return !bytes_.empty() || !text_.empty(); }

 private:
  bool take_mark();
  bool take_line_feed();
  void take_pasted();
  std::optional<wchar_t> take_character();

  std::string bytes_;
  bool escape_typed_ = false;  // bytes_ begin with an Escape that is a key of its own
  bool pasting_ = false;
  bool behind_return_ = false;  // which a line feed would belong to, in what is pasted
  std::wstring text_;
};

}  // namespace parley::client
