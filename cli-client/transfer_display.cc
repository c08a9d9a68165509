#include "transfer_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "escape.h"
#include "file_json.h"
#include "files/quantity.h"
#include "news.h"

namespace parley::client {
namespace {

using Json = nlohmann::ordered_json;
using Kind = FileEvent::Kind;

constexpr std::size_t kColumns = 80;  // of a terminal that does not say
constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::chrono::milliseconds kReportEvery{1000};  // to programs

std::size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : kColumns;
}

void print(const Json& event) {
  std::puts(event.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

}  // namespace

TransferDisplay::Mode TransferDisplay::mode(bool json) {
  if (json) return Mode::json;
  const char* term = std::getenv("TERM");
  const bool can = ::isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
  return can ? Mode::terminal : Mode::plain;
}

TransferDisplay::TransferDisplay(Mode mode, std::string doing, std::string done)
    : mode_(mode), doing_(std::move(doing)), done_(std::move(done)) {}

void TransferDisplay::clear() {
  if (std::exchange(drawn_, false)) std::fputs("\r\x1b[K", stderr);
}

void TransferDisplay::invite(std::string_view text) { print({{"event", "invite"}, {"invite", text}}); }

void TransferDisplay::status(std::string_view state, const std::string& text) {
  print({{"event", "status"}, {"state", state}, {"text", text}});
}

void TransferDisplay::show(const FileEvent& event) {
  present_ += event.kind == Kind::present && !event.directory ? 1 : 0;
  if (event.kind == Kind::done && !event.directory) only_ = event.name;
  if (mode_ == Mode::json) return print(json_of(event));
  const std::string name = escape(event.name);
  if (event.kind == Kind::started && event.offset > 0) {
    clear();
    say("going on with " + name + " after " + size_text(event.offset) + " of " + size_text(event.size));
  } else if (event.kind == Kind::failed) {
    clear();
    say(name + (event.other_side ? ": the other side says: " : ": ") + escape(event.reason));
  }
}

void TransferDisplay::progress(const TransferProgress& progress, const std::string& current, Time now) {
  if (!meter_) {
    if (progress.files_total == 0) return;
    meter_.emplace(now, mode_ == Mode::json ? kReportEvery : kDrawEvery);
    say_start(progress);
  }
  meter_->update(progress, now);
  if (mode_ == Mode::plain || (!meter_->due(now) && (drawn_ || mode_ == Mode::json))) return;
  meter_->drawn(now);
  if (mode_ == Mode::json) {
    return print(progress_json(progress, *meter_));
  }
  const std::string line = meter_->line(escape(current.empty() ? doing_ : current), columns() - 1);
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  drawn_ = true;
}

void TransferDisplay::say_start(const TransferProgress& progress) {
  if (mode_ == Mode::json) return;
  say(doing_ + " " + count_text(progress.files_total, "file", "files") + ", " + size_text(progress.bytes_total));
}

void TransferDisplay::summary(const TransferProgress& progress, int exit_status, Time now) {
  clear();
  if (mode_ == Mode::json) {
    Json json = {{"event", "ended"}, {"status", exit_status}};
    json.update(json_of(progress));
    return print(json);
  }
  if (meter_) {
    meter_->update(progress, now);
    const std::string name = progress.files_done == 1 && !only_.empty() ? " " + escape(only_) + ":" : "";
    say(done_ + name + " " + meter_->summary(now) +
        (present_ > 0 ? "; " + count_text(present_, "was", "were") + " there already" : ""));
  }
  if (progress.files_failed > 0) say(count_text(progress.files_failed, "file", "files") + " not " + done_);
}

}  // namespace parley::client
