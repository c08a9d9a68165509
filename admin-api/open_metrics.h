#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace parley {

// OpenMetrics 1.0 text of counters, gauges and histograms, which prometheus-cpp does not write. Counters' names end
// in _total.
std::string to_open_metrics(const std::vector<prometheus::MetricFamily>& families);

}  // namespace parley
