#include "cli-client/terminal/line_editor.h"

#include "base/utf8.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <new>
#include <utility>
#include <vector>

#include "cli-client/base/sudden_end.h"
#include "cli-client/terminal/line_layout.h"
#include "cli-client/terminal/text_width.h"

namespace parley::client {
namespace {

constexpr int kHistoryLines = 500;
constexpr std::size_t kChoicesShown = 40;
constexpr std::wstring_view kPrompt = L"you: ";
// libedit takes what is between two of these for what has no width, if a character of the prompt follows it.
constexpr wchar_t kEscapeMark = L'\1';
wchar_t plain_prompt[] = L"you: ";
wchar_t dim_prompt[] = L"\1\033[2m\1you:\1\033[0m\1 ";

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

// The choices in one line, not too many of them.
std::string list_of(const std::vector<std::string>& choices) {
  std::string shown;
  for (std::size_t i = 0; i < std::min(choices.size(), kChoicesShown); ++i) {
    shown += (i == 0 ? "" : "  ") + choices[i];
  }
  if (choices.size() > kChoicesShown) shown += "  and " + std::to_string(choices.size() - kChoicesShown) + " more";
  return shown;
}

}  // namespace

LineEditor& LineEditor::of(editline* editor) {
  void* self = nullptr;
  el_wget(editor, EL_CLIENTDATA, &self);
  return *static_cast<LineEditor*>(self);
}

wchar_t* LineEditor::prompt(editline* editor) { return of(editor).colours_ ? dim_prompt : plain_prompt; }

LineEditor::LineEditor(std::function<bool()> await_key)
    : screen_(STDOUT_FILENO),
      dumb_(!screen_.can_overwrite()),
      colours_(screen_.wants_colours()),
      await_key_(std::move(await_key)) {
  ::tcgetattr(STDIN_FILENO, &found_);
  editor_ = el_init("parley", stdin, stdout, stderr);
  history_ = history_winit();
  if (editor_ == nullptr || history_ == nullptr) throw std::bad_alloc();
  HistEventW event;
  history_w(history_, &event, H_SETSIZE, kHistoryLines);
  history_w(history_, &event, H_SETUNIQUE, 1);
  el_wset(editor_, EL_CLIENTDATA, this);
  el_wset(editor_, EL_SIGNAL, 0);
  el_wset(editor_, EL_GETCFN, &LineEditor::get_key);
  el_wset(editor_, EL_PROMPT_ESC, &LineEditor::prompt, kEscapeMark);
  el_wset(editor_, EL_HIST, history_w, history_);
  el_wset(editor_, EL_EDITOR, L"emacs");
  el_wset(editor_, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
  el_wset(editor_, EL_ADDFN, L"parley-complete", L"Complete a path", &LineEditor::tab);
  el_wset(editor_, EL_BIND, L"\t", L"parley-complete", nullptr);
  el_source(editor_, nullptr);  // the user's ~/.editrc, as every program with libedit reads it
  keep_keys();
}

LineEditor::~LineEditor() {
  history_wend(history_);
  el_end(editor_);
}

// Between two lines libedit gives the terminal its usual modes, in which a Ctrl-D would be lost and anything else shown
// where it does not belong. So what it takes for the usual ones leaves keys alone, too.
void LineEditor::keep_keys() {
  int edits = 0;
  el_wget(editor_, EL_EDITMODE, &edits);  // the user's ~/.editrc may say "edit off"
  if (edits != 0) el_wset(editor_, EL_SETTY, L"-x", L"-icanon", L"-echo", L"-iexten", nullptr);
}

// For libedit: 1 a key, 0 end of input.
int LineEditor::next_key(wchar_t* key) {
  raw_ = true;
  for (;;) {
    if (const auto next = keyboard_.next()) {
      *key = *next;
      return 1;
    }
    if (!await_key_()) return 0;
    char bytes[256];
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return 0;
    keyboard_.feed({bytes, static_cast<std::size_t>(count)});
  }
}

void LineEditor::mark_pastes(bool on) const {
  if (dumb_) return;
  std::fputs(on ? Keyboard::kMarkPastes : Keyboard::kStopMarkingPastes, stdout);
  set_last_words(on ? Keyboard::kStopMarkingPastes : nullptr);
}

// Of the line so far.
std::wstring_view LineEditor::typed() const {
  const LineInfoW* line = el_wline(editor_);
  return {line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer)};
}

std::wstring_view LineEditor::typed_before_cursor() const {
  const LineInfoW* line = el_wline(editor_);
  return {line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)};
}

// Takes everything from `rows` above the cursor on off the screen.
void LineEditor::clear_from(std::size_t rows) const {
  rows = std::min(rows, screen_.rows() - 1);
  std::fputs("\r", stdout);
  if (rows > 0) std::fprintf(stdout, "\033[%zuA", rows);
  // tmux keeps for scrolling back what is erased from the screen's first column on (its scroll-on-clear). So the first
  // row is erased for itself, and the others from the next one on.
  std::fputs(rows > 0 ? "\033[K\033[B\033[J\033[A" : "\033[K\033[J", stdout);
}

// Takes the prompt and the line off the screen, leaving the cursor where they began. libedit does not tell in
// which row its cursor stands, so its layout is worked out again.
void LineEditor::hide_line() {
  if (dumb_) {
    std::fputs("\n", stdout);
    return;
  }
  const std::size_t cursor = typed_before_cursor().size();
  clear_from(cursor_row(kPrompt, typed(), cursor, screen_.columns()) + (status_line_ ? 1 : 0));
}

// After Enter: the cursor is in the row below the line.
void LineEditor::hide_entered_line(std::wstring_view text) {
  if (!dumb_) clear_from(cursor_row(kPrompt, text, text.size(), screen_.columns()) + 2);
}

// On the screen, with the status line above it.
bool LineEditor::line_fits() const {
  const std::size_t rows = cursor_row(kPrompt, typed(), typed().size(), screen_.columns()) + 2;
  return rows <= screen_.rows();
}

void LineEditor::show_status_line() {
  if (!status_line_ || dumb_) return;
  const std::string shown = fit(*status_line_, screen_.columns() - 1);
  std::fprintf(stdout, colours_ ? "\033[2m%s\033[0m\n" : "%s\n", shown.c_str());
}

void LineEditor::show_line() {
  show_status_line();
  el_wset(editor_, EL_REFRESH);
}

void LineEditor::print(std::initializer_list<std::string_view> parts) {
  if (editing_) hide_line();
  for (const std::string_view part : parts) std::fwrite(part.data(), 1, part.size(), stdout);
  std::fputs("\n", stdout);
  if (editing_) show_line();
  std::fflush(stdout);
}

void LineEditor::suspend() {
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &found_);
  if (editing_) mark_pastes(false);
  std::fputs("\n", stdout);
  std::fflush(stdout);
  // SIGTSTP itself is blocked, to be read as an event; SIGSTOP does the same to this process.
  std::raise(SIGSTOP);
}

// Whoever had the terminal meanwhile has left modes and a cursor of its own.
void LineEditor::go_on() {
  el_wset(editor_, EL_PREP_TERM, 0);  // or libedit would take the terminal for its own still
  keep_keys();
  if (raw_) el_wset(editor_, EL_PREP_TERM, 1);
  el_resize(editor_);
  if (editing_) {
    mark_pastes(true);
    show_line();
  }
  std::fflush(stdout);
}

// For libedit: what is to be drawn anew.
unsigned char LineEditor::complete() {
  const auto completion = completer_ && !keyboard_.pasting() ? completer_(utf8(typed_before_cursor())) : std::nullopt;
  const std::wstring more = completion ? wide(completion->more) : L"\t";
  if (!more.empty()) return el_winsertstr(editor_, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (completion->choices.empty()) return CC_REFRESH_BEEP;
  print({list_of(completion->choices)});
  return CC_NORM;
}

std::optional<std::string> LineEditor::read_line() {
  int length = 0;
  editing_ = true;
  mark_pastes(true);
  show_status_line();
  const wchar_t* text = el_wgets(editor_, &length);
  const bool whole = text != nullptr && length > 0 && text[length - 1] == L'\n';
  if (!whole) {
    hide_line();
  } else if (status_line_) {
    hide_entered_line(std::wstring_view(text, static_cast<std::size_t>(length - 1)));
  }
  cut_short_ = !whole && !typed().empty();
  mark_pastes(false);
  std::fflush(stdout);
  editing_ = false;
  raw_ = false;
  if (!whole) return std::nullopt;

  std::string line = utf8({text, static_cast<std::size_t>(length - 1)});
  if (!line.empty()) {
    HistEventW event;
    history_w(history_, &event, H_ENTER, text);
  }
  return line;
}

bool LineEditor::is_cut_short() const {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return cut_short_ || keyboard_.has_more() || ::poll(&input, 1, 0) > 0;
}

void LineEditor::skip_line() {
  constexpr wchar_t kCtrlD = L'\4';
  el_wset(editor_, EL_PREP_TERM, 1);
  mark_pastes(true);
  std::fflush(stdout);
  wchar_t key = 0;
  while (next_key(&key) == 1) {
    const bool ends = key == L'\n' || key == L'\r' || key == kCtrlD;
    if (ends && !keyboard_.pasting()) break;
  }
  ::tcflush(STDIN_FILENO, TCIFLUSH);
  mark_pastes(false);
  std::fflush(stdout);
  el_wset(editor_, EL_PREP_TERM, 0);
  raw_ = false;
}

bool LineEditor::line_begins_with(char c) const {
  const LineInfoW* line = el_wline(editor_);
  return line->buffer != line->lastchar && *line->buffer == static_cast<wchar_t>(c);
}

void LineEditor::set_status_line(const std::string& text) {
  if (dumb_) {
    status_line_ = text;
    return;
  }
  // What has been scrolled off the screen cannot be taken off it: each status would scroll the line off once more.
  if (editing_ && !line_fits()) return;
  if (editing_) hide_line();
  status_line_ = text;
  if (editing_) show_line();
  std::fflush(stdout);
}

void LineEditor::resize() {
  if (editing_) hide_line();
  el_resize(editor_);
  if (editing_) show_line();
  std::fflush(stdout);
}

}  // namespace parley::client
