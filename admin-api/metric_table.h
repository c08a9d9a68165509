#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "admin-api/process_statistics.h"
#include "service/view/view.h"

namespace parley {

// Everything that one scrape tells, taken at one time.
struct Scrape {
  ServiceState state = ServiceState::starting;
  bool ready = false;
  WallTime started;
  std::size_t max_connections = 0;
  std::optional<CertificateView> certificate;
  Counts counts;
  std::array<std::uint64_t, 6> log_messages{};  // by level
  std::uint64_t log_lines_lost = 0;
  ProcessStatistics process;
};

struct MetricDescription;

// The samples of one metric.
class Samples {
 public:
  explicit Samples(const MetricDescription& description);

  // `labels`: the values, in the order of the description's label names.
  void add(std::initializer_list<std::string_view> labels, double value);
  void add(std::initializer_list<std::string_view> labels, std::uint64_t value) {
    add(labels, static_cast<double>(value));
  }
  void add(std::initializer_list<std::string_view> labels, const HistogramSnapshot& histogram);

  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::ClientMetric& append(std::initializer_list<std::string_view> labels);

  std::vector<std::string_view> label_names_;
  prometheus::MetricFamily family_;
};

struct MetricDescription {
  std::string_view name;
  prometheus::MetricType type;
  std::string_view labels;  // names: "protocol,reason"; "" when it has none
  std::string_view help;
  void (*collect)(const Scrape&, Samples&);
};

// Every metric there is. Each label value that can be known beforehand is there from the start, with 0.
std::span<const MetricDescription> metric_table();

}  // namespace parley
