#include "admin-api/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>

#include "admin-api/open_metrics.h"
#include "base/trim.h"
#include "service/log/log.h"

namespace parley {

namespace {

// Cuts the part before the next `separator` off `text`.
std::string_view next_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = trim(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

// A weight of RFC 9110 section 12.4.2, 0 to 1; 0 when it is none.
double parse_weight(std::string_view text) {
  double weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(weight >= 0 && weight <= 1)) return 0;
  return weight;
}

}  // namespace

ExpositionFormat negotiate_format(std::string_view accept) {
  double open_metrics = 0, text = 0;
  while (!accept.empty()) {
    std::string_view range = next_part(accept, ',');
    const std::string_view type = next_part(range, ';');
    std::string_view media_version;
    double weight = 1;
    while (!range.empty()) {
      const std::string_view parameter = next_part(range, ';');
      if (parameter.starts_with("q=")) weight = parse_weight(parameter.substr(2));
      if (parameter.starts_with("version=")) media_version = parameter.substr(8);
    }
    if (type == "application/openmetrics-text" && (media_version.empty() || media_version == "1.0.0")) {
      open_metrics = std::max(open_metrics, weight);
    } else if (type == "text/plain") {
      text = std::max(text, weight);
    }
  }
  return open_metrics > 0 && open_metrics >= text ? ExpositionFormat::open_metrics : ExpositionFormat::prometheus_text;
}

std::string_view content_type(ExpositionFormat format) {
  return format == ExpositionFormat::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                  : "text/plain; version=0.0.4; charset=utf-8";
}

std::vector<prometheus::MetricFamily> collect(const Scrape& scrape) {
  std::vector<prometheus::MetricFamily> families;
  families.reserve(metric_table().size());
  for (const MetricDescription& description : metric_table()) {
    Samples samples(description);
    description.collect(scrape, samples);
    families.push_back(samples.take());
  }
  return families;
}

std::vector<prometheus::MetricFamily> collect_now(const Registry& registry, const Health& health) {
  const auto readiness = health.readiness();
  return collect({.state = registry.state(),
                  .ready = std::ranges::none_of(readiness, &Health::Check::failed),
                  .started = registry.started(),
                  .max_connections = registry.max_connections(),
                  .certificate = registry.certificate(),
                  .counts = registry.counts(),
                  .log_messages = log_counts(),
                  .log_lines_lost = log_lines_lost(),
                  .process = read_process_statistics()});
}

std::string serialize(const std::vector<prometheus::MetricFamily>& families, ExpositionFormat format) {
  if (format == ExpositionFormat::open_metrics) return to_open_metrics(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace parley
