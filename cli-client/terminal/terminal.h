#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli-client/terminal/display.h"
#include "cli-client/terminal/line_editor.h"
#include "cli-client/terminal/time_stamps.h"

namespace parley::client {

// A conversation on a terminal: what comes meanwhile is printed above the line being typed (see LineEditor). Texts
// break at blanks, and hang under where they begin, so that no line of them looks like another's. One at a time; the
// terminal's modes are restored at its end.
class Terminal : public Display {
 public:
  // `await_key` returns true when standard input has bytes, false when the line is to be given up; it may call the
  // display's functions meanwhile.
  explicit Terminal(std::function<bool()> await_key);

  // What Tab does where this gives a completion of the line before the cursor; elsewhere it types a tab.
  void complete_with(LineEditor::Completer completer) { editor_.complete_with(std::move(completer)); }

  // The next line, without its line feed, in UTF-8; nullopt: end of input (Ctrl-D), or given up.
  std::optional<std::string> read_line() { return editor_.read_line(); }
  // It was given up when some of it had been typed, or more is being typed.
  bool is_cut_short() const { return editor_.is_cut_short(); }
  // Forgets what is typed, without showing it, up to Enter or until it is to be given up.
  void skip_line() { editor_.skip_line(); }

  // The cursor cannot be moved.
  bool is_dumb() const { return editor_.is_dumb(); }
  std::size_t columns() const { return editor_.columns(); }

  // A line that stays above the line being typed, as wide as the screen at most; safe to show. On a dumb terminal it
  // is printed when it changes. From the first time on a line that was typed is taken off the screen again, for the
  // caller to show as it likes.
  void set_status_line(const std::string& text);
  // Lines of a chat: "12:03 bob: hello", with colours, and the day before the first of it. The texts are escaped; the
  // name is safe to show.
  void said_by_other(std::string_view name, std::string_view text);
  void said_by_us(std::string_view text);
  // As it is, without a mark in front.
  void paragraph(std::string_view text);
  void ring();
  // Asks the terminal to put this into the clipboard, escaped. False: it is no terminal that could.
  bool copy(std::string_view text);
  // Of the line being typed.
  bool line_begins_with(char c) const { return editor_.line_begins_with(c); }

  bool message(std::string_view text) override;
  void status(std::string_view text) override;
  void signal(int number) override;

 private:
  // The text behind its front, which takes so many columns; wiped.
  void print_text(std::initializer_list<std::string_view> front, std::size_t front_columns, std::string_view text);
  std::size_t text_columns(std::size_t indent) const;
  void show_day();
  // Where colours are wanted.
  std::string_view colour(const char* sequence) const { return editor_.has_colours() ? sequence : ""; }

  LineEditor editor_;
  TimeStamps times_;
};

}  // namespace parley::client
