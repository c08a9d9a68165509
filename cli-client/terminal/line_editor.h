#pragma once

#include <termios.h>

#include <cstdio>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli-client/terminal/completion.h"
#include "cli-client/terminal/keyboard.h"
#include "cli-client/terminal/painter.h"
#include "cli-client/terminal/screen.h"

// libedit's.
struct editline;
struct historyW;

namespace parley::client {

// The line that is being typed at the bottom of the screen, with a status line above it; what else there is to show
// goes above both. It may have line feeds in it: by Alt-Enter, or pasted. libedit edits it, and keeps the earlier ones,
// in memory only; it is drawn here, as libedit would lose combining marks and joiners, and knows few terminals. Only on
// a dumb terminal libedit draws, which needs no more than backspaces. One at a time, on standard input and output; the
// terminal's modes are restored at its end.
class LineEditor {
 public:
  // `await_key`: see Terminal.
  explicit LineEditor(std::function<bool()> await_key);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  using Completer = std::function<std::optional<Completion>(std::string_view line)>;
  void complete_with(Completer completer) { completer_ = std::move(completer); }

  // The next line, without the line feed at its end, in UTF-8; nullopt: end of input, or given up.
  std::optional<std::string> read_line();
  bool is_cut_short() const;
  void skip_line();
  bool line_begins_with(char c) const;

  // Above the line: these behind each other, as they are, and the end of a line.
  void print(std::initializer_list<std::string_view> parts);
  // The status line is this from now on; not shown on a dumb terminal.
  void set_status_line(const std::string& text);
  const std::optional<std::string>& status_line() const { return status_line_; }

  // The window has another size.
  void resize();
  // SIGTSTP and SIGCONT: the terminal is somebody else's meanwhile.
  void suspend();
  void go_on();

  bool is_dumb() const { return dumb_; }
  bool has_colours() const { return colours_; }
  std::size_t columns() const { return screen_.columns(); }

 private:
  static LineEditor& of(editline* editor);
  static wchar_t* prompt(editline* editor);
  static int get_key(editline* editor, wchar_t* key) { return of(editor).next_key(key); }
  static unsigned char tab(editline* editor, int) { return of(editor).complete(); }
  static unsigned char text(editline* editor, int) { return of(editor).insert_text(); }
  static unsigned char clear(editline* editor, int) { return of(editor).clear_screen(); }

  void open_libedit();
  void bind_keys();
  void keep_keys();
  int next_key(wchar_t* key);
  void mark_pastes(bool on) const;
  std::wstring_view typed() const;
  std::wstring_view typed_before_cursor() const;
  Picture picture(std::wstring_view typed, std::size_t cursor) const;
  void show();
  void hide();
  unsigned char complete();
  unsigned char insert_text();
  unsigned char clear_screen();

  struct FileClose {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const Screen screen_;
  bool dumb_;
  const bool colours_;
  std::function<bool()> await_key_;
  Completer completer_;
  std::unique_ptr<std::FILE, FileClose> nowhere_;  // where libedit draws
  editline* editor_ = nullptr;
  historyW* history_ = nullptr;
  bool editing_ = false;    // the prompt and what is typed so far are on the screen
  bool raw_ = false;        // libedit edits a line or is to: the terminal is in the mode that it calls its own
  bool cut_short_ = false;  // the last line was given up when some of it had been typed
  Keyboard keyboard_;
  Painter painter_;
  std::optional<std::string> status_line_;
  termios found_{};  // the terminal's modes before us
};

}  // namespace parley::client
