#include "cli-client/terminal/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include "cli-client/base/sudden_end.h"
#include "cli-client/terminal/line_layout.h"
#include "cli-client/terminal/text_width.h"
#include "cli-client/terminal/wide_text.h"

namespace parley::client {
namespace {

constexpr int kHistoryLines = 500;
constexpr std::size_t kChoicesShown = 40;
constexpr std::size_t kKeyBytes = std::size_t{4} * 1024;  // a terminal gives no more at a time
constexpr std::string_view kPrompt = "you: ";
wchar_t dumb_prompt[] = L"you: ";

// What Home, End, Delete and words are in the spellings that libedit, or a terminal's entry, does not know.
constexpr std::pair<const wchar_t*, const wchar_t*> kKeys[] = {
    {L"\033[1~", L"ed-move-to-beg"}, {L"\033[7~", L"ed-move-to-beg"}, {L"\033[H", L"ed-move-to-beg"},
    {L"\033OH", L"ed-move-to-beg"},  {L"\033[4~", L"ed-move-to-end"}, {L"\033[8~", L"ed-move-to-end"},
    {L"\033[F", L"ed-move-to-end"},  {L"\033OF", L"ed-move-to-end"},  {L"\033[3~", L"ed-delete-next-char"},
    {L"\033[1;5D", L"ed-prev-word"}, {L"\033[1;3D", L"ed-prev-word"}, {L"\033Od", L"ed-prev-word"},
    {L"\033[1;5C", L"em-next-word"}, {L"\033[1;3C", L"em-next-word"}, {L"\033Oc", L"em-next-word"},
};

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

wchar_t* LineEditor::prompt(editline*) { return dumb_prompt; }

LineEditor::LineEditor(std::function<bool()> await_key)
    : screen_(STDOUT_FILENO),
      dumb_(!screen_.can_overwrite()),
      colours_(screen_.wants_colours()),
      await_key_(std::move(await_key)),
      nowhere_(::fopencookie(nullptr, "w", {})) {
  ::tcgetattr(STDIN_FILENO, &found_);
  open_libedit();
  history_ = history_winit();
  if (history_ == nullptr) throw std::bad_alloc();
  HistEventW event;
  history_w(history_, &event, H_SETSIZE, kHistoryLines);
  history_w(history_, &event, H_SETUNIQUE, 1);
  el_wset(editor_, EL_CLIENTDATA, this);
  el_wset(editor_, EL_SIGNAL, 0);
  el_wset(editor_, EL_GETCFN, &LineEditor::get_key);
  el_wset(editor_, EL_PROMPT, &LineEditor::prompt);
  el_wset(editor_, EL_HIST, history_w, history_);
  el_wset(editor_, EL_EDITOR, L"emacs");
  bind_keys();
  el_source(editor_, nullptr);  // the user's ~/.editrc, as every program with libedit reads it
  // Whatever that says, as no key gives it; also in vi's other mode.
  constexpr wchar_t kText[] = {Keyboard::kText, L'\0'};
  el_wset(editor_, EL_BIND, kText, L"parley-text", nullptr);
  el_wset(editor_, EL_BIND, L"-a", kText, L"parley-text", nullptr);
  // In vi's modes Escape is a key of its own: as of the arrows, libedit sees what is behind it in the mode that
  // follows.
  for (const auto& [keys, function] : kKeys) el_wset(editor_, EL_BIND, L"-a", keys + 1, function, nullptr);
  keep_keys();
}

LineEditor::~LineEditor() {
  history_wend(history_);
  el_end(editor_);
}

// It says on its errors' stream what it does not know the terminal by. We do: all that are not dumb are alike.
void LineEditor::open_libedit() {
  if (!nowhere_) throw std::bad_alloc();
  std::FILE* nowhere = nowhere_.get();
  editor_ = el_init_fd("parley", stdin, dumb_ ? stdout : nowhere, nowhere, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  if (editor_ == nullptr) throw std::bad_alloc();
  if (el_wset(editor_, EL_TERMINAL, nullptr) != 0) el_wset(editor_, EL_TERMINAL, "xterm");
}

void LineEditor::bind_keys() {
  el_wset(editor_, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
  el_wset(editor_, EL_ADDFN, L"parley-complete", L"Complete a path", &LineEditor::tab);
  el_wset(editor_, EL_ADDFN, L"parley-text", L"Insert what was pasted", &LineEditor::text);
  el_wset(editor_, EL_BIND, L"\t", L"parley-complete", nullptr);
  if (!dumb_) {
    el_wset(editor_, EL_ADDFN, L"parley-clear", L"Clear the screen", &LineEditor::clear);
    el_wset(editor_, EL_BIND, L"^L", L"parley-clear", nullptr);
  }
  for (const auto& [keys, function] : kKeys) el_wset(editor_, EL_BIND, keys, function, nullptr);
}

// Between two lines libedit gives the terminal its usual modes, in which a Ctrl-D would be lost and anything else shown
// where it does not belong. So what it takes for the usual ones leaves keys alone, too.
void LineEditor::keep_keys() {
  int edits = 0;
  el_wget(editor_, EL_EDITMODE, &edits);
  if (edits != 0) {
    el_wset(editor_, EL_SETTY, L"-x", L"-icanon", L"-echo", L"-iexten", nullptr);
  } else if (!std::exchange(dumb_, true)) {
    // The user's ~/.editrc says "edit off": it is the terminal that shows what is typed.
    el_wset(editor_, EL_SETFP, 1, stdout);
  }
}

// For libedit: 1 a key, 0 end of input.
int LineEditor::next_key(wchar_t* key) {
  raw_ = true;
  for (;;) {
    if (const auto next = keyboard_.next()) {
      *key = *next;
      return 1;
    }
    // Between two commands of libedit's the line is as it is to be seen.
    if (editing_ && !dumb_) {
      show();
      std::fflush(stdout);
    }
    if (!await_key_()) return 0;
    char bytes[kKeyBytes];
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

// As much of the line as leaves room for what comes, with the status line above it: the rows about the cursor.
Picture LineEditor::picture(std::wstring_view typed, std::size_t cursor) const {
  const std::size_t columns = screen_.columns();
  const std::size_t indent = kPrompt.size() * 4 <= columns ? kPrompt.size() : 0;
  const LineLayout line = lay_out(typed, cursor, columns > indent + 1 ? columns - 1 - indent : 1);
  Picture picture;
  if (status_line_) {
    const std::string shown = fit(*status_line_, columns - 1);
    picture.rows.push_back({colours_ ? "\033[2m" + shown + "\033[0m" : shown, columns_of(shown)});
  }
  const std::size_t room = std::max(screen_.rows() * 2 / 3, picture.rows.size() + 1) - picture.rows.size();
  const std::size_t first = line.cursor_row - std::min(line.cursor_row, room - 1);
  const std::size_t end = std::min(line.rows.size(), first + room);
  picture.cursor_row = picture.rows.size() + line.cursor_row - first;
  picture.cursor_column = indent + line.cursor_column;
  for (std::size_t row = first; row < end; ++row) {
    std::string front(indent, ' ');
    if (row == 0 && indent > 0) front = kPrompt;
    if (row == 0 && indent > 0 && colours_) front = "\033[2m" + front + "\033[0m";
    picture.rows.push_back({front + line.rows[row], indent + columns_of(line.rows[row])});
  }
  return picture;
}

void LineEditor::show() {
  if (dumb_) {
    el_wset(editor_, EL_REFRESH);
  } else {
    std::fputs(painter_.paint(picture(typed(), typed_before_cursor().size())).c_str(), stdout);
  }
}

void LineEditor::hide() { std::fputs(dumb_ ? "\n" : painter_.erase().c_str(), stdout); }

void LineEditor::print(std::initializer_list<std::string_view> parts) {
  if (editing_) hide();
  for (const std::string_view part : parts) std::fwrite(part.data(), 1, part.size(), stdout);
  std::fputs("\n", stdout);
  if (editing_) show();
  std::fflush(stdout);
}

void LineEditor::suspend() {
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &found_);
  if (editing_) mark_pastes(false);
  std::fputs(editing_ && !dumb_ ? painter_.leave().c_str() : "\n", stdout);
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
    painter_.forget();
    std::fputs("\r", stdout);
    show();
  }
  std::fflush(stdout);
}

// For libedit: what is to be drawn anew.
unsigned char LineEditor::complete() {
  const auto completion = completer_ ? completer_(utf8(typed_before_cursor())) : std::nullopt;
  const std::wstring more = completion ? wide(completion->more) : L"\t";
  if (!more.empty()) return el_winsertstr(editor_, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (completion->choices.empty()) {
    std::fputs("\a", stdout);
    return CC_REFRESH;
  }
  print({list_of(completion->choices)});
  return CC_NORM;
}

unsigned char LineEditor::insert_text() {
  return el_winsertstr(editor_, keyboard_.take_text().c_str()) == 0 ? CC_REFRESH : CC_ERROR;
}

// libedit would clear what it draws on.
unsigned char LineEditor::clear_screen() {
  std::fputs("\033[H\033[2J", stdout);
  painter_.forget();
  return CC_NORM;
}

std::optional<std::string> LineEditor::read_line() {
  int length = 0;
  editing_ = true;
  mark_pastes(true);
  const wchar_t* text = el_wgets(editor_, &length);
  const bool whole = text != nullptr && length > 0 && text[length - 1] == L'\n';
  if (!whole || status_line_) {
    if (!whole || !dumb_) hide();
  } else if (!dumb_) {
    const std::wstring_view line(text, static_cast<std::size_t>(length - 1));
    std::fputs((painter_.paint(picture(line, line.size())) + painter_.leave()).c_str(), stdout);
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
    if (key == L'\n' || key == L'\r' || key == kCtrlD) break;
    keyboard_.take_text();
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
  status_line_ = text;
  if (!editing_ || dumb_) return;
  show();
  std::fflush(stdout);
}

void LineEditor::resize() {
  if (editing_) std::fputs(dumb_ ? "\n" : painter_.erase_after_resize(screen_.columns()).c_str(), stdout);
  el_resize(editor_);
  if (editing_) show();
  std::fflush(stdout);
}

}  // namespace parley::client
