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
  const std::size_t row = std::min(cursor_row(kPrompt, text, cursor, screen_size(&winsize::ws_col, 80)),
                                   screen_size(&winsize::ws_row, 24) - 1);
  std::fputs("\r", stdout);
  if (row > 0) std::fprintf(stdout, "\033[%zuA", row);
  std::fputs("\033[J", stdout);
}

void Terminal::Impl::print(std::string_view before, std::string_view text, std::string_view after) {
  if (editing) hide_line();
  for (const std::string_view part : {before, text, after}) std::fwrite(part.data(), 1, part.size(), stdout);
  std::fputs("\n", stdout);
  if (editing) el_wset(editor, EL_REFRESH);
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
  if (editing) el_wset(editor, EL_REFRESH);
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
  const wchar_t* text = el_wgets(impl_->editor, &length);
  const bool whole = text != nullptr && length > 0 && text[length - 1] == L'\n';
  if (!whole) impl_->hide_line();
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

void Terminal::status(std::string_view text) {
  impl_->print(impl_->colours ? "\033[2m-- " : "-- ", text, impl_->colours ? "\033[0m" : "");
}

void Terminal::signal(int number) {
  if (number == SIGTSTP) impl_->suspend();
  if (number == SIGWINCH) {
    if (impl_->editing) impl_->hide_line();
    el_resize(impl_->editor);
    if (impl_->editing) el_wset(impl_->editor, EL_REFRESH);
    std::fflush(stdout);
  }
}

}  // namespace parley::client
