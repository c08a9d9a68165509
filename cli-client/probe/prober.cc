#include "cli-client/probe/prober.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "cli-client/base/json_line.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/sudden_end.h"
#include "cli-client/engine/wait.h"
#include "cli-client/net/tls_connection.h"
#include "cli-client/probe/report_text.h"

namespace parley::client {
namespace {

constexpr const char* kPlainText = "text/plain; charset=utf-8";
constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

Prober::Round::Round(const Approach& approach, const SelfMeeting::Options& options, TimePoint now)
    : trust(approach.trust), meeting(approach.meeting, {over_tls(*trust)}, options, now) {}

Prober::Prober(Options options, Prepare prepare, std::optional<Descriptor> listener)
    : options_(std::move(options)),
      prepare_(std::move(prepare)),
      signals_(false),
      times_(options_.every, Clock::now()),
      lines_(STDOUT_FILENO),
      complaints_(STDERR_FILENO) {
  if (listener) pages_.emplace(std::move(*listener), [this](std::string_view path) { return page(path); });
}

int Prober::run() {
  while (!status_ || round_) {
    const TimePoint now = Clock::now();
    if (!status_ && !round_ && now >= times_.next()) begin_round(now);
    wait();
  }
  return *status_;
}

void Prober::begin_round(TimePoint now) {
  times_.begin(now);
  ++rounds_;
  const auto approach = prepare_();
  if (!approach) {
    Report report;
    report.failure = Failure{Cause::failed, approach.error().status, approach.error().text};
    return end_round(report);
  }
  const auto limit = options_.limit;
  round_.emplace(*approach, SelfMeeting::Options{.patience = {limit, limit, limit}, .limit = limit, .resumes = true},
                 now);
}

void Prober::wait() {
  std::vector<pollfd> others{{signals_.fd(), POLLIN, 0}};
  std::optional<TimePoint> deadline = round_ ? round_->meeting.deadline() : times_.next();
  if (pages_) {
    const auto wanted = pages_->wanted();
    others.insert(others.end(), wanted.begin(), wanted.end());
    deadline = earlier(deadline, pages_->deadline());
  }
  const auto engines = round_ ? round_->meeting.engines() : std::vector<Engine*>();
  client::wait(engines, others, deadline);
  const TimePoint now = Clock::now();
  take_signals(now);
  if (round_) {
    round_->meeting.advance(now);
    if (round_->meeting.over()) {
      const Report report = round_->meeting.report();
      round_.reset();
      // One that was abandoned has found nothing.
      if (!status_) end_round(report);
    }
  }
  if (pages_) pages_->advance(now);
}

void Prober::take_signals(TimePoint now) {
  while (const auto number = signals_.next()) {
    if (!Signals::ends(*number)) continue;
    if (status_) end_at(*number);
    status_ = static_cast<int>(ExitStatus::done);
    if (round_) round_->meeting.abandon(now);
  }
}

void Prober::end_round(const Report& report) {
  record_.add(report, std::time(nullptr));
  tell(report);
}

void Prober::tell(const Report& report) {
  int error = 0;
  if (options_.json) {
    error = lines_.put(json_line("check", report_members(report, options_.relay).put("round", rounds_)));
  } else {
    const std::string line = utc_text(std::time(nullptr)) + " " + report_line(report, options_.relay);
    if (report.failure) {
      (void)complaints_.put("parley: " + line);
    } else {
      error = lines_.put(line);
    }
  }
  if (error == 0) return;
  const bool failed = is_output_failure(error);
  if (failed) say_output_failure(error);
  // Whoever asks for metrics still has them.
  if (!pages_) status_ = static_cast<int>(failed ? ExitStatus::failed : ExitStatus::done);
}

std::optional<Page> Prober::page(std::string_view path) const {
  if (path == "/metrics") return Page{kPrometheusText, metrics_text(record_, options_.relay)};
  // Whoever is answered is so by the thread that goes round.
  if (path == "/healthz") return Page{kPlainText, "ok\n"};
  if (path == "/") return Page{kPlainText, summary()};
  return std::nullopt;
}

std::string Prober::summary() const {
  std::string text = "parley check " + options_.relay + ", every " + duration_text(options_.every) + "\n\n";
  text += "found well " + std::to_string(record_.successes) + " times, not well " + std::to_string(record_.failed()) +
          " times\n";
  if (record_.last) text += "the last time: " + report_line(*record_.last, options_.relay) + "\n";
  return text + "\n/metrics is for Prometheus, /healthz says whether this program is well\n";
}

}  // namespace parley::client
