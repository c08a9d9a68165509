#include "cli-client/terminal/terminal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "cli-client/base/escape.h"
#include "cli-client/terminal/line_layout.h"
#include "cli-client/terminal/text_width.h"

namespace parley::client {
namespace {

constexpr std::size_t kShallowIndent = 2;  // below a name that is too long to hang under

}  // namespace

Terminal::Terminal(std::function<bool()> await_key) : editor_(std::move(await_key)), times_(std::time(nullptr)) {}

void Terminal::set_status_line(const std::string& text) {
  if (editor_.status_line() == text) return;
  editor_.set_status_line(text);
  if (is_dumb()) status(text);
}

// Of a row that begins behind `indent`.
std::size_t Terminal::text_columns(std::size_t indent) const {
  constexpr std::size_t kNoEnd = 1'000'000;
  if (is_dumb()) return kNoEnd;
  return editor_.columns() > indent + 2 ? editor_.columns() - 1 - indent : 1;
}

void Terminal::print_text(std::initializer_list<std::string_view> front, std::size_t front_columns,
                          std::string_view text) {
  const bool hangs = front_columns * 2 <= editor_.columns();
  const std::size_t indent = hangs ? front_columns : kShallowIndent;
  const std::string below = "\n" + std::string(indent, ' ');
  std::string shown;
  for (const std::string_view one : front) shown += one;
  std::string escaped = escape_lines(text);
  bool first = hangs;
  for (std::string& row : wrap(escaped, text_columns(indent))) {
    if (!std::exchange(first, false)) shown += below;
    shown += row;
    OPENSSL_cleanse(row.data(), row.size());
  }
  editor_.print({shown});
  OPENSSL_cleanse(escaped.data(), escaped.size());
  OPENSSL_cleanse(shown.data(), shown.size());
}

void Terminal::show_day() {
  if (const auto day = times_.new_day(std::time(nullptr))) status(*day);
}

bool Terminal::message(std::string_view text) {
  said_by_other("them", text);
  return true;
}

void Terminal::said_by_other(std::string_view name, std::string_view text) {
  show_day();
  const std::string time = TimeStamps::time_of_day(std::time(nullptr)) + " ";
  print_text({colour("\033[2m"), time, colour("\033[0;1;36m"), name, ":", colour("\033[0m"), " "},
             time.size() + columns_of(name) + 2, text);
}

void Terminal::said_by_us(std::string_view text) {
  show_day();
  const std::string front = TimeStamps::time_of_day(std::time(nullptr)) + " you:";
  print_text({colour("\033[2m"), front, colour("\033[0m"), " "}, front.size() + 1, text);
}

void Terminal::paragraph(std::string_view text) { editor_.print({text}); }

void Terminal::status(std::string_view text) {
  constexpr std::string_view kMark = "-- ";
  std::string shown;
  for (const std::string& row : wrap(text, text_columns(kMark.size()))) {
    shown += (shown.empty() ? std::string(kMark) : "\n" + std::string(kMark.size(), ' ')) + row;
  }
  editor_.print({colour("\033[2m"), shown, colour("\033[0m")});
}

// OSC 52, as xterm has it, and tmux and most others. Its base64 (RFC 4648) has '=' at its end.
bool Terminal::copy(std::string_view text) {
  if (is_dumb()) return false;
  std::string escaped = escape_lines(text);
  std::string encoded((escaped.size() + 2) / 3 * 4 + 1, '\0');
  const auto* bytes = reinterpret_cast<const unsigned char*>(escaped.data());
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), bytes, static_cast<int>(escaped.size()));
  encoded.resize(static_cast<std::size_t>(length));
  std::fprintf(stdout, "\033]52;c;%s\a", encoded.c_str());
  std::fflush(stdout);
  OPENSSL_cleanse(escaped.data(), escaped.size());
  OPENSSL_cleanse(encoded.data(), encoded.size());
  return true;
}

void Terminal::ring() {
  std::fputs("\a", stdout);
  std::fflush(stdout);
}

void Terminal::signal(int number) {
  if (number == SIGTSTP) editor_.suspend();
  if (number == SIGCONT) editor_.go_on();
  if (number == SIGWINCH) editor_.resize();
}

}  // namespace parley::client
