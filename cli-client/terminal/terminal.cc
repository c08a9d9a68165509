#include "cli-client/terminal/terminal.h"

#include <openssl/crypto.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/utf8.h"
#include "cli-client/base/escape.h"

namespace parley::client {
namespace {

// "12:03 "
std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[8] = "";
  if (::localtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%H:%M ", &parts);
  return text;
}

}  // namespace

Terminal::Terminal(std::function<bool()> await_key) : editor_(std::move(await_key)) {}

void Terminal::set_status_line(const std::string& text) {
  if (editor_.status_line() == text) return;
  editor_.set_status_line(text);
  if (is_dumb()) status(text);
}

bool Terminal::message(std::string_view text) {
  said_by_other("them", text);
  return true;
}

void Terminal::said_by_other(std::string_view name, std::string_view text) {
  std::string shown = escape(text);
  editor_.print({colour("\033[2m"), time_of_day(), colour("\033[0;1;36m"), name, ":", colour("\033[0m"), " ", shown});
  OPENSSL_cleanse(shown.data(), shown.size());
}

void Terminal::said_by_us(std::string_view text) {
  std::string shown = escape(text);
  editor_.print({colour("\033[2m"), time_of_day(), "you:", colour("\033[0m"), " ", shown});
  OPENSSL_cleanse(shown.data(), shown.size());
}

void Terminal::paragraph(std::string_view text) { editor_.print({text}); }

void Terminal::status(std::string_view text) { editor_.print({colour("\033[2m"), "-- ", text, colour("\033[0m")}); }

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
