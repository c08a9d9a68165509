#pragma once

#include <cstddef>
#include <string>

#include "cli-client/files/progress_meter.h"

namespace parley::client {

// "photos/1.jpg  [####      ]  45%  450 MB of 1.0 GB  12 MB/s  46 s left  3 of 10 files", at most `columns` wide:
// `name` is shortened first, then the counts are left out; 39 columns have the bar, the rate and the time left. In the
// place of these two stands what it waits for, when nothing moves. `name` is one line that is safe to show.
std::string progress_line(const ProgressMeter& meter, ProgressMeter::Time now, const std::string& name,
                          std::size_t columns);

// The same as words, for a line that stays: "45%, 450 MB of 1.0 GB, 12 MB/s, 46 s left, 3 of 10 files, photos/1.jpg".
std::string progress_report(const ProgressMeter& meter, ProgressMeter::Time now, const std::string& name);

// How much is done, 100 only for all: by bytes, or by files where there are no bytes.
unsigned percent_done(const TransferProgress& progress);

// One word for programs: "moving", "comparing", "waiting" or "stalled".
const char* activity_label(const ProgressMeter& meter, ProgressMeter::Time now);

// What has failed: "2 files and 1 folder"; empty if nothing has.
std::string failed_text(const TransferProgress& progress);

// "10 files, 1.0 GB in 1 min 23 s (12 MB/s)"
std::string progress_summary(const ProgressMeter& meter);

}  // namespace parley::client
