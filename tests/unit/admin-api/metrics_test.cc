#include "admin-api/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "admin-api/process_statistics.h"
#include "service/log/log.h"
#include "tests/support/source_tree.h"
#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

using testing::HasSubstr;

std::string type_word(prometheus::MetricType type) {
  return type == prometheus::MetricType::Counter ? "counter"
         : type == prometheus::MetricType::Gauge ? "gauge"
                                                 : "histogram";
}

std::string exposition(const FakeService& service, ExpositionFormat format = ExpositionFormat::prometheus_text) {
  return serialize(collect_now(service, service), format);
}

TEST(Metrics, NegotiatesTheFormat) {
  constexpr auto kText = ExpositionFormat::prometheus_text;
  constexpr auto kOpen = ExpositionFormat::open_metrics;
  const std::map<std::string, ExpositionFormat> cases{
      {"", kText},
      {"*/*", kText},
      {"text/html, */*;q=0.8", kText},
      {"application/openmetrics-text", kOpen},
      {"application/openmetrics-text; version=1.0.0; charset=utf-8", kOpen},
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOpen},
      {"application/openmetrics-text;version=0.0.1", kText},
      {"application/openmetrics-text;q=0", kText},
      {"application/openmetrics-text;q=0.3,text/plain", kText},
      {"application/openmetrics-text;q=2", kText},
      {"application/openmetrics-text;q=nan", kText},
      {"application/openmetrics-textual", kText},
      {",,;;q=,;version=", kText},
  };
  for (const auto& [accept, expected] : cases) EXPECT_EQ(negotiate_format(accept), expected) << accept;
}

TEST(Metrics, CountsArriveInTheExposition) {
  FakeService service;
  ProtocolCounts& classic = service.counts_now.protocols[0];
  classic.connections_total = 12345678901;
  classic.sessions = {3, 2, 1};
  classic.bytes_in_total = 7;
  classic.bytes_out_total = 8;
  classic.relay_seconds.buckets[1] = 2;
  classic.relay_seconds.buckets.back() = 1;
  classic.relay_seconds.sum_seconds = 1000.5;
  service.counts_now.shard_loop_lag = {std::chrono::duration<double>(0.25)};
  service.counts_now.reloads_total = {4, 5};
  const std::string text = exposition(service);
  for (const std::string line :
       {"parley_connections_total{protocol=\"classic\"} 12345678901\n",
        "parley_sessions{protocol=\"classic\",state=\"active\"} 3\n",
        "parley_sessions{protocol=\"classic\",state=\"held\"} 2\n",
        "parley_sessions{protocol=\"classic\",state=\"closing\"} 1\n",
        "parley_bytes_total{protocol=\"classic\",direction=\"in\"} 7\n",
        "parley_bytes_total{protocol=\"classic\",direction=\"out\"} 8\n",
        "parley_relay_seconds_bucket{protocol=\"classic\",le=\"+Inf\"} 3\n",
        "parley_relay_seconds_count{protocol=\"classic\"} 3\n",
        "parley_relay_seconds_sum{protocol=\"classic\"} 1000.5\n", "parley_shard_loop_lag_seconds{shard=\"0\"} 0.25\n",
        "parley_reloads_total{result=\"ok\"} 4\n", "parley_reloads_total{result=\"failed\"} 5\n",
        "parley_certificate_expiry_timestamp_seconds 1800000000\n", "parley_state{state=\"ready\"} 1\n",
        "parley_state{state=\"draining\"} 0\n", "# TYPE parley_connections_total counter\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, ACertificateWithoutADateHasNoSample) {
  FakeService service;
  for (const auto& certificate :
       {std::optional<CertificateView>(), std::optional(CertificateView{"sha256:pin", "00ff", {}})}) {
    service.certificate_now = certificate;
    EXPECT_THAT(exposition(service), testing::Not(HasSubstr("\nparley_certificate_expiry_timestamp_seconds ")));
  }
}

TEST(Metrics, EveryReasonIsThereFromTheStart) {
  const std::string text = exposition(FakeService{});
  for (std::size_t i = 0; i < kEndReasons; ++i) {
    const std::string labels =
        "{protocol=\"classic\",reason=\"" + std::string(label(static_cast<EndReason>(i))) + "\"} 0\n";
    EXPECT_THAT(text, HasSubstr("parley_session_ends_total" + labels));
    EXPECT_THAT(text, HasSubstr("parley_leg_ends_total" + labels));
  }
  for (std::size_t i = 0; i < kRefusals; ++i) {
    EXPECT_THAT(text, HasSubstr("parley_refused_total{protocol=\"classic\",reason=\"" +
                                std::string(label(static_cast<Refusal>(i))) + "\"} 0\n"));
  }
  for (std::size_t i = 0; i < log_counts().size(); ++i) {
    EXPECT_THAT(text, HasSubstr("parley_log_messages_total{level=\"" + std::string(kLogLevelNames[i]) + "\"}"));
  }
}

TEST(Metrics, TheProcessIsRead) {
  const ProcessStatistics process = read_process_statistics();
  EXPECT_GT(process.cpu_seconds, 0);
  EXPECT_GE(process.open_fds, 3u);
  EXPECT_GT(process.max_fds, process.open_fds);
  EXPECT_GT(process.resident_bytes, 1'000'000u);
  EXPECT_GE(process.virtual_bytes, process.resident_bytes);
  EXPECT_GE(process.threads, 1u);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(process.start_time_seconds.value(), now, 3600);
}

TEST(Metrics, OpenMetricsHasItsOwnRules) {
  prometheus::MetricFamily counter{
      .name = "a_total", .help = "A \"b\"\\\n", .type = prometheus::MetricType::Counter, .metric = {}};
  prometheus::ClientMetric& sample = counter.metric.emplace_back();
  sample.label = {{"x", "1\"\\\n"}};
  sample.counter.value = 3;
  prometheus::MetricFamily histogram{
      .name = "h_seconds", .help = "H", .type = prometheus::MetricType::Histogram, .metric = {}};
  prometheus::ClientMetric::Histogram& values = histogram.metric.emplace_back().histogram;
  values.bucket = {{1, 0.00005}, {2, 1}, {2, std::numeric_limits<double>::infinity()}};
  values.sample_count = 2;
  values.sample_sum = 0.5;
  EXPECT_EQ(serialize({counter, histogram}, ExpositionFormat::open_metrics),
            "# HELP a A \\\"b\\\"\\\\\\n\n"
            "# TYPE a counter\n"
            "a_total{x=\"1\\\"\\\\\\n\"} 3\n"
            "# HELP h_seconds H\n"
            "# TYPE h_seconds histogram\n"
            "h_seconds_bucket{le=\"5e-05\"} 1\n"
            "h_seconds_bucket{le=\"1.0\"} 2\n"
            "h_seconds_bucket{le=\"+Inf\"} 2\n"
            "h_seconds_count 2\n"
            "h_seconds_sum 0.5\n"
            "# EOF\n");
}

TEST(Metrics, OpenMetricsFamiliesDoNotClash) {
  std::istringstream lines(exposition(FakeService{}, ExpositionFormat::open_metrics));
  std::map<std::string, std::string> types;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, keyword, name, type;
    words >> hash >> keyword >> name >> type;
    if (keyword != "TYPE") continue;
    EXPECT_TRUE(types.emplace(name, type).second) << name;
  }
  EXPECT_EQ(types.size(), metric_table().size());
  EXPECT_EQ(types["parley_connections"], "gauge");
  EXPECT_EQ(types["parley_connections_total"], "unknown");
  EXPECT_EQ(types["parley_messages"], "counter");
}

TEST(Metrics, NamesFollowTheRules) {
  std::set<std::string_view> names;
  for (const MetricDescription& metric : metric_table()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(metric.name.starts_with("parley_") || metric.name.starts_with("process_")) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == prometheus::MetricType::Counter) << metric.name;
    EXPECT_FALSE(metric.help.empty()) << metric.name;
  }
}

// The rows "| `name` | type | labels | help |" of docs/metrics.md.
std::map<std::string, std::string> documented() {
  std::istringstream file(test::read_source("docs/metrics.md"));
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `parley_") && !line.starts_with("| `process_")) continue;
    EXPECT_TRUE(rows.emplace(line.substr(3, line.find('`', 3) - 3), line).second) << line;
  }
  return rows;
}

TEST(Metrics, DocumentAndExpositionAgree) {
  auto rows = documented();
  for (const MetricDescription& metric : metric_table()) {
    std::string labels;
    for (const char c : metric.labels) labels += c == ',' ? ", " : std::string(1, c);
    const std::string row = "| `" + std::string(metric.name) + "` | " + type_word(metric.type) + " | " + labels +
                            (labels.empty() ? "| " : " | ") + std::string(metric.help) + " |";
    EXPECT_EQ(rows[std::string(metric.name)], row);
    rows.erase(std::string(metric.name));
  }
  for (const auto& [name, row] : rows) ADD_FAILURE() << "documented and not exported: " << name;
}

TEST(Metrics, EveryMetricIsExportedWithItsLabels) {
  FakeService service;
  service.counts_now.shard_loop_lag.resize(1);
  const auto families = collect_now(service, service);
  ASSERT_EQ(families.size(), metric_table().size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    const MetricDescription& metric = metric_table()[i];
    EXPECT_EQ(families[i].name, metric.name);
    ASSERT_FALSE(families[i].metric.empty()) << metric.name;
    std::string labels;
    for (const auto& label : families[i].metric.front().label) labels += (labels.empty() ? "" : ",") + label.name;
    EXPECT_EQ(labels, metric.labels) << metric.name;
  }
}

TEST(ProcessStatistics, WhatCannotBeReadIsLeftOut) {
  const ProcessStatistics nothing = read_process_statistics("/nowhere");
  EXPECT_FALSE(nothing.cpu_seconds || nothing.open_fds || nothing.resident_bytes || nothing.threads ||
               nothing.virtual_bytes || nothing.start_time_seconds);
  EXPECT_TRUE(nothing.max_fds) << "the kernel says that by itself";
  const ProcessStatistics here = read_process_statistics();
  EXPECT_TRUE(here.cpu_seconds && here.open_fds && here.resident_bytes && here.threads && here.virtual_bytes &&
              here.start_time_seconds);
  Scrape scrape;
  scrape.process = nothing;
  for (const auto& family : collect(scrape)) {
    if (family.name != "process_resident_memory_bytes" && family.name != "process_open_fds") continue;
    EXPECT_TRUE(family.metric.empty()) << family.name;
  }
}

}  // namespace
}  // namespace parley
