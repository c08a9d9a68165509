#include "cli-client/transfer/display.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli-client/base/escape.h"
#include "cli-client/base/exit_status.h"
#include "cli-client/base/json_line.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/files/quantity.h"
#include "cli-client/terminal/painter.h"
#include "cli-client/terminal/screen.h"
#include "cli-client/terminal/text_width.h"
#include "cli-client/transfer/offer_text.h"
#include "cli-client/transfer/progress_text.h"

namespace parley::client {
namespace {

using Kind = FileEvent::Kind;

constexpr std::size_t kDotColumns = 3;
constexpr std::size_t kMinReason = 12;  // columns
constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::chrono::milliseconds kReportEvery{1000};  // to programs

std::string_view leaf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Screen screen() { return Screen(STDERR_FILENO); }

}  // namespace

void TransferDisplay::print(const JsonEvent& event) {
  if (output_error_ != 0) return;
  output_error_ = write_out(json_line(event.name, event.members) + "\n");
}

TransferDisplay::Mode TransferDisplay::mode(bool json) {
  if (json) return Mode::json;
  return screen().can_overwrite() ? Mode::terminal : Mode::plain;
}

TransferDisplay::TransferDisplay(Mode mode, std::string doing, std::string done)
    : mode_(mode), doing_(std::move(doing)), done_(std::move(done)) {}

void TransferDisplay::clear() {
  if (std::exchange(drawn_, false)) std::fputs("\r\x1b[K", stderr);
  if (std::exchange(asks_, false)) std::fputs("\n", stderr);
}

void TransferDisplay::say(const std::string& text) {
  clear();
  client::say(text);
}

void TransferDisplay::draw(const std::string& line) {
  const std::string fitting = fit(line, screen().columns() - 1);
  if (std::exchange(drawn_, true) && fitting == line_) return;
  std::fprintf(stderr, "\r%s\x1b[K", fitting.c_str());
  line_ = fitting;
}

// What is said first is seen in a narrow window, too; of the rest no less than says something.
void TransferDisplay::apart(const std::string& how, const std::string& why, Time now) {
  if (meter_) meter_->pause(now);
  if (mode_ != Mode::terminal || asks_) return;
  std::string line = how;
  for (const std::string& more : {meter_ ? std::to_string(percent_done(meter_->progress())) + "%" : "", why}) {
    const std::size_t wanted = columns_of(line) + kDotColumns + std::min(columns_of(more), kMinReason);
    if (!more.empty() && wanted < screen().columns()) line += " · " + more;
  }
  draw(line);
}

void TransferDisplay::resized() {
  if (!std::exchange(drawn_, false)) return;
  const std::size_t columns = columns_of(line_);
  Painter painter;
  painter.paint({.rows = {{line_, columns}}, .cursor_row = 0, .cursor_column = columns});
  std::fputs(painter.erase_after_resize(screen().columns()).c_str(), stderr);
}

void TransferDisplay::line_was_ended() {
  if (drawn_) std::fputs("\x1b[A", stderr);
}

void TransferDisplay::ask(const std::string& question) {
  clear();
  std::fputs(question.c_str(), stderr);
  asks_ = true;
}

void TransferDisplay::invite(std::string_view text) { print({"invite", {{"invite", text}}}); }

void TransferDisplay::status(std::string_view state, const std::string& text, const std::string& reason) {
  json::Object members{{"state", state}, {"text", text}};
  if (!reason.empty()) members.put("reason", reason);
  print({"status", members});
}

void TransferDisplay::offered(const OfferGroups::Group& group) { print(json_event(group)); }

void TransferDisplay::show(const FileEvent& event) {
  present_ += event.kind == Kind::present && !event.directory ? 1 : 0;
  if (event.kind == Kind::done && !event.directory) only_ = event.name;
  if (mode_ == Mode::json) return print(json_event(event));
  const std::string name = escape(event.name);
  if (event.kind == Kind::started && event.offset > 0) {
    ++resumed_;
    say("going on with " + name + " after " + size_text(event.offset) + " of " + size_text(event.size));
  } else if ((event.kind == Kind::done || event.kind == Kind::present) && leaf(event.other_name) != leaf(event.name) &&
             !event.other_name.empty()) {
    // Of what is in a folder whose name was changed it has been said.
    ++renamed_;
    say(name + " is called " + escape(event.other_name) + " on the other side");
  } else if (event.kind == Kind::skipped) {
    say("not sent: " + name + " " + escape(event.reason));
  } else if (event.kind == Kind::failed) {
    const bool declined = event.other_side && event.reason == kDeclined;
    // What one user sends the other takes, or not, as a whole: it is enough to say that once.
    if (declined && std::exchange(told_declined_, true)) return;
    say(name + (declined ? ": the other side declined it"
                         : (event.other_side ? ": the other side says: " : ": ") + escape(event.reason)));
  }
}

void TransferDisplay::said(const std::string& partner, std::string_view text) {
  if (mode_ == Mode::json) return print({"text", {{"name", partner}, {"text", text}}});
  say((partner.empty() ? "the other side" : partner) + " says: " + escape(text));
}

std::string TransferDisplay::current_name() const { return current_.empty() ? doing_ : escape(current_); }

void TransferDisplay::progress(const TransferProgress& progress, const std::string& current, Activity activity,
                               Time now) {
  if (!meter_) {
    if (progress.files_total == 0) return;
    meter_.emplace(now, mode_ == Mode::json ? kReportEvery : kDrawEvery);
    pace_.emplace(now);
    say_start(progress);
  }
  meter_->update(progress, now, activity);
  if (std::exchange(current_, current) != current && mode_ == Mode::terminal) meter_->touch();
  if (mode_ == Mode::plain) {
    if (pace_->due(percent_done(progress), now)) report(now);
    return;
  }
  if (asks_ || (!meter_->due(now) && (drawn_ || mode_ == Mode::json))) return;
  meter_->drawn(now);
  if (mode_ == Mode::json) return print(json_event(*meter_, now));
  draw(progress_line(*meter_, now, current_name(), screen().columns() - 1));
}

bool TransferDisplay::report(Time now) {
  if (!meter_) return false;
  pace_->told(percent_done(meter_->progress()), now);
  if (mode_ == Mode::json) {
    print(json_event(*meter_, now));
  } else {
    say(progress_report(*meter_, now, escape(current_)));
  }
  return true;
}

void TransferDisplay::say_start(const TransferProgress& progress) {
  if (mode_ == Mode::json) return;
  say(doing_ + " " + count_text(progress.files_total, "file", "files") + ", " + size_text(progress.bytes_total));
}

int TransferDisplay::summary(const TransferProgress& progress, int exit_status, Time now, const std::string& where) {
  clear();
  if (mode_ == Mode::json) {
    json::Object members{{"status", exit_status}, {"outcome", outcome_}, {"reason", reason_}};
    print({"ended", members.put_all(json_of(progress))});
    if (!is_output_failure(output_error_)) return exit_status;
    say_output_failure(output_error_);
    return std::max(exit_status, static_cast<int>(ExitStatus::failed));
  }
  if (meter_) {
    meter_->update(progress, now);
    const std::string name = progress.files_done == 1 && !only_.empty() ? " " + escape(only_) + ":" : "";
    say(done_ + name + " " + progress_summary(*meter_) + where +
        (present_ > 0 ? "; " + count_text(present_, "was", "were") + " there already" : "") +
        (resumed_ > 0 ? "; " + count_text(resumed_, "was", "were") + " gone on with" : "") +
        (renamed_ > 0 ? "; " + count_text(renamed_, "has", "have") + " another name on the other side" : ""));
  }
  if (const std::string text = failed_text(progress); !text.empty()) say(text + " not " + done_);
  if (progress.left_out > 0) say(left_out_text(progress.left_out));
  return exit_status;
}

}  // namespace parley::client
