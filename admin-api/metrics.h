#pragma once

#include <prometheus/collectable.h>

#include <string>
#include <string_view>
#include <vector>

#include "admin-api/metric_table.h"

namespace parley {

enum class ExpositionFormat { prometheus_text, open_metrics };

// What a scraper's Accept asks for: OpenMetrics 1.0 when it is named and liked no less than plain text.
ExpositionFormat negotiate_format(std::string_view accept);

std::string_view content_type(ExpositionFormat format);

// The metric families of the table for one scrape. References must outlive it. Thread-safe.
class MetricsCollector : public prometheus::Collectable {
 public:
  explicit MetricsCollector(const Registry& registry) : registry_(registry) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Registry& registry_;
};

std::vector<prometheus::MetricFamily> collect(const Scrape& scrape);

std::string serialize(const std::vector<prometheus::MetricFamily>& families, ExpositionFormat format);

}  // namespace parley
