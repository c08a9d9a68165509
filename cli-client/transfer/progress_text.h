#pragma once

#include <cstddef>
#include <string>

#include "cli-client/files/progress_meter.h"

namespace parley::client {

// "photos/1.jpg  45%  450 MB of 1.0 GB  12 MB/s  46 s left  3 of 10 files", at most `columns` wide: `name` is
// shortened first, then what is last is left out. `name` is one line that is safe to show.
std::string progress_line(const ProgressMeter& meter, const std::string& name, std::size_t columns);

// What has failed: "2 files and 1 folder"; empty if nothing has.
std::string failed_text(const TransferProgress& progress);

// "10 files, 1.0 GB in 1 min 23 s (12 MB/s)"
std::string progress_summary(const ProgressMeter& meter, ProgressMeter::Time now);

}  // namespace parley::client
