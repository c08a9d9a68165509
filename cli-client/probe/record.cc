#include "cli-client/probe/record.h"

#include <prometheus/text_serializer.h>

#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/version.h"

namespace parley::client {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const char* name, MetricType type, const char* help) {
  MetricFamily family;
  family.name = name;
  family.type = type;
  family.help = help;
  return family;
}

void add(MetricFamily& family, double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

std::string text_of(std::string_view word) { return std::string(word); }

MetricFamily info(const std::string& relay) {
  auto info = family("parley_probe_info", MetricType::Gauge, "What probes, and which relay; always 1.");
  add(info, 1, {{"version", text_of(version())}, {"commit", text_of(commit())}, {"relay", relay}});
  return info;
}

MetricFamily success(const Record& record) {
  auto success = family("parley_probe_success", MetricType::Gauge,
                        "1 when the last round found the relay well, else 0; not there before the first has ended.");
  if (record.last) add(success, record.last->failure ? 0 : 1);
  return success;
}

MetricFamily durations(const Record& record) {
  auto durations = family("parley_probe_duration_seconds", MetricType::Gauge,
                          "How long each phase of the last round took; those that it did not come to are not there.");
  for (std::size_t phase = 0; record.last && phase < kPhases.size(); ++phase) {
    const auto& time = record.last->times.at(phase);
    if (!time) continue;
    add(durations, std::chrono::duration<double>(*time).count(), {{"phase", text_of(kPhases.at(phase).word)}});
  }
  return durations;
}

MetricFamily rounds(const Record& record) {
  auto rounds = family("parley_probes_total", MetricType::Counter, "Rounds that have ended.");
  add(rounds, static_cast<double>(record.successes), {{"result", "success"}});
  add(rounds, static_cast<double>(record.failed()), {{"result", "failure"}});
  return rounds;
}

MetricFamily failures(const Record& record) {
  auto failures = family("parley_probe_failures_total", MetricType::Counter, "Rounds that failed, by why.");
  for (std::size_t cause = 0; cause < kCauseWords.size(); ++cause) {
    add(failures, static_cast<double>(record.failures.at(cause)), {{"reason", text_of(kCauseWords.at(cause))}});
  }
  return failures;
}

MetricFamily last_success(const Record& record) {
  auto last = family("parley_probe_last_success_timestamp_seconds", MetricType::Gauge,
                     "When a round last found the relay well, in seconds since the epoch; 0: never.");
  add(last, static_cast<double>(record.last_success.value_or(0)));
  return last;
}

MetricFamily certificate(const Record& record) {
  auto expiry = family("parley_probe_certificate_expiry_timestamp_seconds", MetricType::Gauge,
                       "When the relay's certificate, as it was last seen, expires, in seconds since the epoch; not "
                       "there while that is not known.");
  if (record.certificate_expires) add(expiry, static_cast<double>(*record.certificate_expires));
  return expiry;
}

}  // namespace

void Record::add(const Report& report, std::time_t now) {
  last = report;
  if (report.failure) {
    ++failures.at(static_cast<std::size_t>(report.failure->cause));
  } else {
    ++successes;
    last_success = now;
  }
  if (report.reached && report.reached->certificate_expires) certificate_expires = report.reached->certificate_expires;
}

std::uint64_t Record::failed() const { return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0}); }

std::string metrics_text(const Record& record, const std::string& relay) {
  std::vector<MetricFamily> families{info(relay),      success(record),      durations(record),  rounds(record),
                                     failures(record), last_success(record), certificate(record)};
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace parley::client
