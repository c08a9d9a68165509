#include "terminal.h"

#include <histedit.h>
#include <openssl/crypto.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>

#include "escape.h"
#include "line_layout.h"

namespace parley::client {
namespace {

constexpr int kHistoryLines = 500;
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
  std::fputs("\033[J", stdout);
}

// "12:03 "
std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[8] = "";
  if (::localtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%H:%M ", &parts);
  return text;
}

void append_utf8(std::string& out, wchar_t c) {
  const auto code = static_cast<char32_t>(c);
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace

struct Terminal::Impl {
  std::function<bool()> await_key;
  const bool dumb = terminal_is_dumb();
  const bool colours = colours_are_wanted();
  EditLine* editor = nullptr;
  HistoryW* history = nullptr;
  bool editing = false;  // the prompt and what is typed so far are on the screen
  bool raw = false;      // the terminal is in libedit's mode
  std::string keys;      // read from standard input, not taken by libedit yet
  std::optional<std::string> status_line;

  static Impl& of(EditLine* editor) {
    void* self = nullptr;
    el_wget(editor, EL_CLIENTDATA, &self);
    return *static_cast<Impl*>(self);
  }
  static wchar_t* prompt(EditLine* editor) { return of(editor).colours ? dim_prompt : plain_prompt; }
  static int get_key(EditLine* editor, wchar_t* key) { return of(editor).next_key(key); }

  int next_key(wchar_t* key);
  bool take_key(wchar_t* key);
  void hide_line();
  void hide_entered_line(std::wstring_view text);
  void show_status_line();
  void show_line();
  void print(std::string_view before, std::string_view text, std::string_view after);
  void suspend();
};

// For libedit: 1 a key, 0 end of input.
int Terminal::Impl::next_key(wchar_t* key) {
  raw = true;
  while (!take_key(key)) {
    if (!await_key()) return 0;
    char bytes[256];
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return 0;
    keys.append(bytes, static_cast<std::size_t>(count));
  }
  return 1;
}

// Decodes one character off the front; false while it is not whole. A byte that begins none is skipped.
bool Terminal::Impl::take_key(wchar_t* key) {
  while (!keys.empty()) {
    std::mbstate_t state{};
    const std::size_t count = std::mbrtowc(key, keys.data(), keys.size(), &state);
    if (count == static_cast<std::size_t>(-2)) return false;
    const bool valid = count != static_cast<std::size_t>(-1);
    keys.erase(0, valid ? std::max<std::size_t>(count, 1) : 1);
    if (valid) return true;
  }
  return false;
}

// Takes the prompt and the line off the screen, leaving the cursor where they began. libedit does not tell in
// which row its cursor stands, so its layout is worked out again.
void Terminal::Impl::hide_line() {
  if (dumb) {
    std::fputs("\n", stdout);
    return;
  }
  const LineInfoW* line = el_wline(editor);
  const std::wstring_view text(line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer));
  const auto cursor = static_cast<std::size_t>(line->cursor - line->buffer);
  clear_from(cursor_row(kPrompt, text, cursor, screen_size(&winsize::ws_col, 80)) + (status_line ? 1 : 0));
}

// After Enter: the cursor is in the row below the line.
void Terminal::Impl::hide_entered_line(std::wstring_view text) {
  if (!dumb) clear_from(cursor_row(kPrompt, text, text.size(), screen_size(&winsize::ws_col, 80)) + 2);
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
  if (raw) el_wset(editor, EL_PREP_TERM, 0);
  std::fputs("\n", stdout);
  std::fflush(stdout);
  // SIGTSTP itself is blocked, to be read as an event; SIGSTOP does the same to this process.
  std::raise(SIGSTOP);
  if (raw) el_wset(editor, EL_PREP_TERM, 1);
  el_resize(editor);
  if (editing) show_line();
  std::fflush(stdout);
}

Terminal::Terminal(std::function<bool()> await_key) : impl_(std::make_unique<Impl>()) {
  impl_->await_key = std::move(await_key);
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
  el_wset(editor, EL_BIND, L"\t", L"ed-insert", nullptr);
  el_source(editor, nullptr);  // the user's ~/.editrc, as every program with libedit reads it
}

Terminal::~Terminal() {
  history_wend(impl_->history);
  el_end(impl_->editor);
}

std::optional<std::string> Terminal::read_line() {
  int length = 0;
  impl_->editing = true;
  impl_->show_status_line();
  const wchar_t* text = el_wgets(impl_->editor, &length);
  const bool whole = text != nullptr && length > 0 && text[length - 1] == L'\n';
  if (!whole) {
    impl_->hide_line();
  } else if (impl_->status_line) {
    impl_->hide_entered_line(std::wstring_view(text, static_cast<std::size_t>(length - 1)));
  }
  std::fflush(stdout);
  impl_->editing = false;
  impl_->raw = false;
  if (!whole) return std::nullopt;

  std::string line;
  for (const wchar_t c : std::wstring_view(text, static_cast<std::size_t>(length - 1))) append_utf8(line, c);
  if (!line.empty()) {
    HistEventW event;
    history_w(impl_->history, &event, H_ENTER, text);
  }
  return line;
}

bool Terminal::message(std::string_view text) {
  std::string shown = escape(text);
  impl_->print(impl_->colours ? "\033[1;36mthem:\033[0m " : "them: ", shown, "");
  OPENSSL_cleanse(shown.data(), shown.size());
  return true;
}

void Terminal::set_status_line(const std::string& text) {
  if (impl_->status_line == text) return;
  if (impl_->dumb) {
    impl_->status_line = text;
    return status(text);
  }
  if (impl_->editing) impl_->hide_line();
  impl_->status_line = text;
  if (impl_->editing) impl_->show_line();
  std::fflush(stdout);
}

void Terminal::said_by_other(std::string_view name, std::string_view text) {
  const bool colours = impl_->colours;
  std::string before = (colours ? "\033[2m" + time_of_day() + "\033[0;1;36m" : time_of_day()) + escape(name);
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
  if (number == SIGWINCH) {
    if (impl_->editing) impl_->hide_line();
    el_resize(impl_->editor);
    if (impl_->editing) impl_->show_line();
    std::fflush(stdout);
  }
}

}  // namespace parley::client
