#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

#include "admin-api/metric_table.h"

namespace parley {

enum class ExpositionFormat { prometheus_text, open_metrics };

// What a scraper's Accept asks for: OpenMetrics 1.0 when it is named and liked no less than plain text.
ExpositionFormat negotiate_format(std::string_view accept);

std::string_view content_type(ExpositionFormat format);

// The metric families of the table: of what `scrape` holds, and of what is there now.
std::vector<prometheus::MetricFamily> collect(const Scrape& scrape);
std::vector<prometheus::MetricFamily> collect_now(const Registry& registry, const Health& health);

std::string serialize(const std::vector<prometheus::MetricFamily>& families, ExpositionFormat format);

}  // namespace parley
