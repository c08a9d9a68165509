#include "cli-client/transfer/report_pace.h"

namespace parley::client {
namespace {

constexpr std::chrono::seconds kAtLeast{30};
constexpr std::chrono::seconds kAtMost{1};

}  // namespace

bool ReportPace::due(unsigned percent, Time now) const {
  // The last of them is the summary's.
  const bool further = percent / 10 > told_tenths_ && percent < 100;
  return now - told_at_ >= kAtLeast || (further && now - told_at_ >= kAtMost);
}

void ReportPace::told(unsigned percent, Time now) {
  told_at_ = now;
  told_tenths_ = percent / 10;
}

}  // namespace parley::client
