#include "admin-api/open_metrics.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>
#include <string_view>

namespace parley {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

constexpr std::string_view kCounterSuffix = "_total";

using Names = std::set<std::string_view>;

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

// Bounds have a canonical form: "1.0", not "1".
std::string bound(double value) {
  std::string text = number(value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string label_list(const ClientMetric& metric) {
  std::string result;
  for (const ClientMetric::Label& label : metric.label) {
    if (!result.empty()) result += ',';
    result += label.name + "=\"" + escaped(label.value) + '"';
  }
  return result;
}

void write_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                  std::string_view value) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void write_histogram(std::string& out, std::string_view name, const std::string& labels,
                     const ClientMetric::Histogram& histogram) {
  const std::string before_bound = labels.empty() ? "le=\"" : labels + ",le=\"";
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    write_sample(out, name, "_bucket", before_bound + bound(bucket.upper_bound) + '"',
                 std::to_string(bucket.cumulative_count));
  }
  write_sample(out, name, "_count", labels, std::to_string(histogram.sample_count));
  write_sample(out, name, "_sum", labels, number(histogram.sample_sum));
}

void write_family(std::string& out, const prometheus::MetricFamily& family, const Names& not_counters) {
  std::string_view name = family.name;
  std::string_view type = "gauge";
  std::string_view suffix;
  if (family.type == MetricType::Counter) {
    // A counter's family goes without the suffix that its samples have. Where a gauge has that name, say
    // x_total beside x, there cannot be such a family: the counter keeps its name, and has no type.
    const std::string_view bare = name.substr(0, name.size() - kCounterSuffix.size());
    if (not_counters.contains(bare)) {
      type = "unknown";
    } else {
      type = "counter";
      name = bare;
      suffix = kCounterSuffix;
    }
  } else if (family.type == MetricType::Histogram) {
    type = "histogram";
  }
  out.append("# HELP ").append(name).append(" ").append(escaped(family.help)).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  for (const ClientMetric& metric : family.metric) {
    const std::string labels = label_list(metric);
    if (family.type == MetricType::Histogram) {
      write_histogram(out, name, labels, metric.histogram);
    } else {
      const bool counts = family.type == MetricType::Counter;
      write_sample(out, name, suffix, labels, number(counts ? metric.counter.value : metric.gauge.value));
    }
  }
}

}  // namespace

std::string to_open_metrics(const std::vector<prometheus::MetricFamily>& families) {
  std::string out;
  Names not_counters;
  for (const prometheus::MetricFamily& family : families) {
    if (family.type != MetricType::Counter) not_counters.insert(family.name);
  }
  for (const prometheus::MetricFamily& family : families) write_family(out, family, not_counters);
  out += "# EOF\n";
  return out;
}

}  // namespace parley
