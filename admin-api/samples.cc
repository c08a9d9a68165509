#include <cassert>
#include <limits>

#include "admin-api/metric_table.h"

namespace parley {

namespace {

std::vector<std::string_view> split_names(std::string_view names) {
  std::vector<std::string_view> result;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    result.push_back(names.substr(0, comma));
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
  return result;
}

}  // namespace

Samples::Samples(const MetricDescription& description) : label_names_(split_names(description.labels)) {
  family_.name = description.name;
  family_.help = description.help;
  family_.type = description.type;
}

prometheus::ClientMetric& Samples::append(std::initializer_list<std::string_view> labels) {
  assert(labels.size() == label_names_.size());
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  metric.label.reserve(labels.size());
  auto name = label_names_.begin();
  for (const std::string_view value : labels) metric.label.push_back({std::string(*name++), std::string(value)});
  return metric;
}

void Samples::add(std::initializer_list<std::string_view> labels, double value) {
  prometheus::ClientMetric& metric = append(labels);
  if (family_.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void Samples::add(std::initializer_list<std::string_view> labels, const HistogramSnapshot& histogram) {
  prometheus::ClientMetric::Histogram& out = append(labels).histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
    cumulative += histogram.buckets[i];
    const bool last = i == kHistogramBounds.size();
    out.bucket.push_back({cumulative, last ? std::numeric_limits<double>::infinity() : kHistogramBounds[i]});
  }
  out.sample_count = cumulative;
  out.sample_sum = histogram.sum_seconds;
}

}  // namespace parley
