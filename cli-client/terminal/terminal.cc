#include "cli-client/terminal/terminal.h"

#include <histedit.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>

#include "base/utf8.h"
#include "cli-client/base/escape.h"
#include "cli-client/terminal/keyboard.h"
#include "cli-client/terminal/line_layout.h"

namespace parley::client {
namespace {

constexpr int kHistoryLines = 500;
constexpr std::size_t kChoicesShown = 40;
constexpr std::wstring_view kPrompt = L"you: ";
// libedit takes what is between two of these for what has no width, if a character of the prompt follows it.
constexpr wchar_t kEscapeMark = L'\1';
wchar_t plain_prompt[] = L"you: ";
wchar_t dim_prompt[] = L"\1\033[2m\1you:\1\033[0m\1 ";

bool terminal_is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' || std::strcmp(term, "dumb") == 0;
}

// See no-color.org.
bool colours_are_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return !terminal_is_dumb() && (no_color == nullptr || *no_color == '\0');
}

std::size_t screen_size(unsigned short winsize::* member, std::size_t otherwise) {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.*member > 0 ? size.*member : otherwise;
}

// Takes everything from `rows` above the cursor on off the screen.
void clear_from(std::size_t rows) {
  rows = std::min(rows, screen_size(&winsize::ws_row, 24) - 1);
  std::fputs("\r", stdout);
  if (rows > 0) std::fprintf(stdout, "\033[%zuA", rows);
  // tmux keeps for scrolling back what is erased from the screen's first column on (its scroll-on-clear). So the first
  // row is erased for itself, and the others from the next one on.
  std::fputs(rows > 0 ? "\033[K\033[B\033[J\033[A" : "\033[K\033[J", stdout);
}

// "12:03 "
std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[8] = "";
  if (::localtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%H:%M ", &parts);
  return text;
}

std::string utf8(std::wstring_view text) {
  std::string line;
  for (const wchar_t c : text) append_utf8(line, static_cast<char32_t>(c));
  return line;
}

std::wstring wide(const std::string& text) {
  std::wstring line(text.size(), L'\0');
  const std::size_t count = std::mbstowcs(line.data(), text.c_str(), line.size());
  line.resize(count == static_cast<std::size_t>(-1) ? 0 : count);
  return line;
}

}  // namespace

struct Terminal::Impl {
  std::function<bool()> await_key;
  const bool dumb = terminal_is_dumb();
  const bool colours = colours_are_wanted();
  EditLine* editor = nullptr;
  HistoryW* history = nullptr;
  bool editing = false;    // the prompt and what is typed so far are on the screen
  bool raw = false;        // libedit edits a line or is to: the terminal is in the mode that it calls its own
  bool cut_short = false;  // the last line was given up when some of it had been typed
  Keyboard keyboard;
  std::optional<std::string> status_line;
  Completer completer;
  termios found{};  // the terminal's modes before us

  static Impl& of(EditLine* editor) {
    void* self = nullptr;
    el_wget(editor, EL_CLIENTDATA, &self);
    return *static_cast<Impl*>(self);
  }
  static wchar_t* prompt(EditLine* editor) { return of(editor).colours ? dim_prompt : plain_prompt; }
  static int get_key(EditLine* editor, wchar_t* key) { return of(editor).next_key(key); }
  static unsigned char tab(EditLine* editor, int) { return of(editor).complete(); }

  void keep_keys();
  int next_key(wchar_t* key);
  void mark_pastes(bool on) const;
  std::wstring_view typed() const;
  void hide_line();
  void hide_entered_line(std::wstring_view text);
  bool line_fits() const;
  void show_status_line();
  void show_line();
  void print(std::string_view before, std::string_view text, std::string_view after);
  void suspend();
  void go_on();
  unsigned char complete();
};

// Between two lines libedit gives the terminal its usual modes, in which a Ctrl-D would be lost and anything else shown
// where it does not belong. So what it takes for the usual ones leaves keys alone, too.
void Terminal::Impl::keep_keys() {
  int edits = 0;
  el_wget(editor, EL_EDITMODE, &edits);  // the user's ~/.editrc may say "edit off"
  if (edits != 0) el_wset(editor, EL_SETTY, L"-x", L"-icanon", L"-echo", L"-iexten", nullptr);
}

// For libedit: 1 a key, 0 end of input.
int Terminal::Impl::next_key(wchar_t* key) {
  raw = true;
  for (;;) {
    if (const auto next = keyboard.next()) {
      *key = *next;
      return 1;
    }
    if (!await_key()) return 0;
    char bytes[256];
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return 0;
    keyboard.feed({bytes, static_cast<std::size_t>(count)});
  }
}

void Terminal::Impl::mark_pastes(bool on) const {
  if (!dumb) std::fputs(on ? Keyboard::kMarkPastes : Keyboard::kStopMarkingPastes, stdout);
}

// Of the line so far.
std::wstring_view Terminal::Impl::typed() const {
  const LineInfoW* line = el_wline(editor);
  return {line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer)};
}

// Takes the prompt and the line off the screen, leaving the cursor where they began. libedit does not tell in
// which row its cursor stands, so its layout is worked out again.
void Terminal::Impl::hide_line() {
  if (dumb) {
    std::fputs("\n", stdout);
    return;
  }
  const LineInfoW* line = el_wline(editor);
  const auto cursor = static_cast<std::size_t>(line->cursor - line->buffer);
  clear_from(cursor_row(kPrompt, typed(), cursor, screen_size(&winsize::ws_col, 80)) + (status_line ? 1 : 0));
}

// After Enter: the cursor is in the row below the line.
void Terminal::Impl::hide_entered_line(std::wstring_view text) {
  if (!dumb) clear_from(cursor_row(kPrompt, text, text.size(), screen_size(&winsize::ws_col, 80)) + 2);
}

// On the screen, with the status line above it.
bool Terminal::Impl::line_fits() const {
  const std::size_t rows = cursor_row(kPrompt, typed(), typed().size(), screen_size(&winsize::ws_col, 80)) + 2;
  return rows <= screen_size(&winsize::ws_row, 24);
}

void Terminal::Impl::show_status_line() {
  if (!status_line || dumb) return;
  const std::string shown = fit(*status_line, screen_size(&winsize::ws_col, 80) - 1);
  std::fprintf(stdout, colours ? "\033[2m%s\033[0m\n" : "%s\n", shown.c_str());
}

void Terminal::Impl::show_line() {
  show_status_line();
  el_wset(editor, EL_REFRESH);
}

void Terminal::Impl::print(std::string_view before, std::string_view text, std::string_view after) {
  if (editing) hide_line();
  for (const std::string_view part : {before, text, after}) std::fwrite(part.data(), 1, part.size(), stdout);
  std::fputs("\n", stdout);
  if (editing) show_line();
  std::fflush(stdout);
}

void Terminal::Impl::suspend() {
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &found);
  if (editing) mark_pastes(false);
  std::fputs("\n", stdout);
  std::fflush(stdout);
  // SIGTSTP itself is blocked, to be read as an event; SIGSTOP does the same to this process.
  std::raise(SIGSTOP);
}

// Whoever had the terminal meanwhile has left modes and a cursor of its own.
void Terminal::Impl::go_on() {
  el_wset(editor, EL_PREP_TERM, 0);  // or libedit would take the terminal for its own still
  keep_keys();
  if (raw) el_wset(editor, EL_PREP_TERM, 1);
  el_resize(editor);
  if (editing) {
    mark_pastes(true);
    show_line();
  }
  std::fflush(stdout);
}

// For libedit: what is to be drawn anew.
unsigned char Terminal::Impl::complete() {
  const LineInfoW* line = el_wline(editor);
  const auto completion = completer && !keyboard.pasting()
                              ? completer(utf8({line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)}))
                              : std::nullopt;
  const std::wstring more = completion ? wide(completion->more) : L"\t";
  if (!more.empty()) return el_winsertstr(editor, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (completion->choices.empty()) return CC_REFRESH_BEEP;
  std::string shown;
  for (std::size_t i = 0; i < std::min(completion->choices.size(), kChoicesShown); ++i) {
    shown += (i == 0 ? "" : "  ") + completion->choices[i];
  }
  if (completion->choices.size() > kChoicesShown) {
    shown += "  and " + std::to_string(completion->choices.size() - kChoicesShown) + " more";
  }
  print("", shown, "");
  return CC_NORM;
}

Terminal::Terminal(std::function<bool()> await_key) : impl_(std::make_unique<Impl>()) {
  impl_->await_key = std::move(await_key);
  ::tcgetattr(STDIN_FILENO, &impl_->found);
  impl_->editor = el_init("parley", stdin, stdout, stderr);
  impl_->history = history_winit();
  if (impl_->editor == nullptr || impl_->history == nullptr) throw std::bad_alloc();
  HistEventW event;
  history_w(impl_->history, &event, H_SETSIZE, kHistoryLines);
  history_w(impl_->history, &event, H_SETUNIQUE, 1);
  EditLine* editor = impl_->editor;
  el_wset(editor, EL_CLIENTDATA, impl_.get());
  el_wset(editor, EL_SIGNAL, 0);
  el_wset(editor, EL_GETCFN, &Impl::get_key);
  el_wset(editor, EL_PROMPT_ESC, &Impl::prompt, kEscapeMark);
  el_wset(editor, EL_HIST, history_w, impl_->history);
  el_wset(editor, EL_EDITOR, L"emacs");
  el_wset(editor, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
  el_wset(editor, EL_ADDFN, L"parley-complete", L"Complete a path", &Impl::tab);
  el_wset(editor, EL_BIND, L"\t", L"parley-complete", nullptr);
  el_source(editor, nullptr);  // the user's ~/.editrc, as every program with libedit reads it
  impl_->keep_keys();
}

void Terminal::complete_with(Completer completer) { impl_->completer = std::move(completer); }

Terminal::~Terminal() {
  history_wend(impl_->history);
  el_end(impl_->editor);
}

std::optional<std::string> Terminal::read_line() {
  int length = 0;
  impl_->editing = true;
  impl_->mark_pastes(true);
  impl_->show_status_line();
  const wchar_t* text = el_wgets(impl_->editor, &length);
  const bool whole = text != nullptr && length > 0 && text[length - 1] == L'\n';
  if (!whole) {
    impl_->hide_line();
  } else if (impl_->status_line) {
    impl_->hide_entered_line(std::wstring_view(text, static_cast<std::size_t>(length - 1)));
  }
  impl_->cut_short = !whole && !impl_->typed().empty();
  impl_->mark_pastes(false);
  std::fflush(stdout);
  impl_->editing = false;
  impl_->raw = false;
  if (!whole) return std::nullopt;

  std::string line = utf8({text, static_cast<std::size_t>(length - 1)});
  if (!line.empty()) {
    HistEventW event;
    history_w(impl_->history, &event, H_ENTER, text);
  }
  return line;
}

bool Terminal::line_was_pasted() const { return impl_->keyboard.pasting(); }

bool Terminal::is_cut_short() const {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return impl_->cut_short || impl_->keyboard.has_more() || ::poll(&input, 1, 0) > 0;
}

void Terminal::skip_line() {
  constexpr wchar_t kCtrlD = L'\4';
  EditLine* editor = impl_->editor;
  el_wset(editor, EL_PREP_TERM, 1);
  impl_->mark_pastes(true);
  std::fflush(stdout);
  wchar_t key = 0;
  while (impl_->next_key(&key) == 1) {
    const bool ends = key == L'\n' || key == L'\r' || key == kCtrlD;
    if (ends && !impl_->keyboard.pasting()) break;
  }
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  impl_->mark_pastes(false);
  std::fflush(stdout);
  el_wset(editor, EL_PREP_TERM, 0);
  impl_->raw = false;
}

bool Terminal::message(std::string_view text) {
  std::string shown = escape(text);
  impl_->print(impl_->colours ? "\033[1;36mthem:\033[0m " : "them: ", shown, "");
  OPENSSL_cleanse(shown.data(), shown.size());
  return true;
}

bool Terminal::is_dumb() const { return impl_->dumb; }

void Terminal::set_status_line(const std::string& text) {
  if (impl_->status_line == text) return;
  if (impl_->dumb) {
    impl_->status_line = text;
    return status(text);
  }
  // What has been scrolled off the screen cannot be taken off it: each status would scroll the line off once more.
  if (impl_->editing && !impl_->line_fits()) return;
  if (impl_->editing) impl_->hide_line();
  impl_->status_line = text;
  if (impl_->editing) impl_->show_line();
  std::fflush(stdout);
}

void Terminal::said_by_other(std::string_view name, std::string_view text) {
  const bool colours = impl_->colours;
  std::string before = (colours ? "\033[2m" + time_of_day() + "\033[0;1;36m" : time_of_day()) + std::string(name);
  std::string shown = escape(text);
  impl_->print(before + (colours ? ":\033[0m " : ": "), shown, "");
  OPENSSL_cleanse(shown.data(), shown.size());
}

void Terminal::said_by_us(std::string_view text) {
  const bool colours = impl_->colours;
  std::string shown = escape(text);
  impl_->print((colours ? "\033[2m" + time_of_day() : time_of_day()) + (colours ? "you:\033[0m " : "you: "), shown, "");
  OPENSSL_cleanse(shown.data(), shown.size());
}

void Terminal::paragraph(std::string_view text) { impl_->print("", text, ""); }

void Terminal::ring() {
  std::fputs("\a", stdout);
  std::fflush(stdout);
}

bool Terminal::line_begins_with(char c) const {
  const LineInfoW* line = el_wline(impl_->editor);
  return line->buffer != line->lastchar && *line->buffer == static_cast<wchar_t>(c);
}

void Terminal::status(std::string_view text) {
  impl_->print(impl_->colours ? "\033[2m-- " : "-- ", text, impl_->colours ? "\033[0m" : "");
}

void Terminal::signal(int number) {
  if (number == SIGTSTP) impl_->suspend();
  if (number == SIGCONT) impl_->go_on();
  if (number == SIGWINCH) {
    if (impl_->editing) impl_->hide_line();
    el_resize(impl_->editor);
    if (impl_->editing) impl_->show_line();
    std::fflush(stdout);
  }
}

}  // namespace parley::client
