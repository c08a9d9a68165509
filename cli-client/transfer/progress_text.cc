#include "cli-client/transfer/progress_text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli-client/files/quantity.h"
#include "cli-client/terminal/text_width.h"

namespace parley::client {
namespace {

constexpr std::size_t kMinNameColumns = 12;

}  // namespace

std::string progress_line(const ProgressMeter& meter, const std::string& name, std::size_t columns) {
  const TransferProgress& progress = meter.progress();
  const std::uint64_t total = std::max(progress.bytes_total, progress.bytes_done);
  // Rounded down: 100% is only what is complete. In long double, as the product of large sizes is larger than 64 bits.
  const auto percent =
      total == 0 ? 100U : static_cast<unsigned>(static_cast<long double>(progress.bytes_done) * 100 / total);
  std::vector<std::string> parts = {std::to_string(percent) + "%",
                                    size_text(progress.bytes_done) + " of " + size_text(total)};
  if (const auto bytes = meter.rate()) parts.push_back(size_text(static_cast<std::uint64_t>(*bytes)) + "/s");
  if (const auto time = meter.left()) parts.push_back(time_text(*time) + " left");
  if (progress.files_total > 1) {
    parts.push_back(std::to_string(progress.files_done) + " of " + count_text(progress.files_total, "file", "files"));
  }
  const std::size_t name_columns = std::min(columns_of(name), kMinNameColumns);
  std::string text;
  std::size_t used = name_columns;
  for (const std::string& part : parts) {
    if (used + 2 + part.size() > columns) break;
    text += "  " + part;
    used += 2 + part.size();
  }
  const std::size_t room = columns > text.size() ? columns - text.size() : 0;
  return (room == 0 ? "" : fit_end(name, room)) + text;
}

std::string failed_text(const TransferProgress& progress) {
  std::string text;
  if (progress.files_failed > 0) text = count_text(progress.files_failed, "file", "files");
  if (progress.folders_failed == 0) return text;
  return text + (text.empty() ? "" : " and ") + count_text(progress.folders_failed, "folder", "folders");
}

std::string progress_summary(const ProgressMeter& meter, ProgressMeter::Time now) {
  const TransferProgress& progress = meter.progress();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now - meter.start());
  std::string text = count_text(progress.files_done, "file", "files") + ", " + size_text(progress.bytes_done);
  if (time < std::chrono::seconds(1)) return text + " in less than 1 s";
  text += " in " + time_text(std::chrono::duration_cast<std::chrono::seconds>(time));
  const auto per_second = progress.bytes_moved * 1000.0L / static_cast<long double>(time.count());
  return text + " (" + size_text(static_cast<std::uint64_t>(per_second)) + "/s)";
}

}  // namespace parley::client
