#include "cli-client/transfer/progress_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli-client/files/quantity.h"
#include "cli-client/terminal/text_width.h"

namespace parley::client {
namespace {

using std::chrono::seconds;
using Time = ProgressMeter::Time;

constexpr std::size_t kMinNameColumns = 8;
constexpr std::size_t kMinShortenedName = 4;  // less says nothing
constexpr std::string_view kGap = "  ";

// Two units where they are small: what takes hours is not known to the minute.
std::string left_text(seconds left) {
  const auto whole = [left](seconds unit) { return left - left % unit; };
  if (left >= std::chrono::hours(240)) return time_text(whole(std::chrono::hours(24)));
  if (left >= std::chrono::hours(10)) return time_text(whole(std::chrono::hours(1)));
  if (left >= std::chrono::minutes(10)) return time_text(whole(std::chrono::minutes(1)));
  return time_text(left);
}

// "12 MB/s" and "46 s left", or why not.
std::vector<std::string> pace_texts(const ProgressMeter& meter, Time now) {
  std::vector<std::string> texts;
  const Activity activity = meter.activity(now);
  if (activity == Activity::waiting) return {"waiting for an answer"};
  if (const auto stalled = meter.stalled(now)) return {"stalled for " + time_text(*stalled)};
  if (activity == Activity::comparing) texts.emplace_back("comparing");
  const auto bytes = meter.rate();
  if (bytes && (*bytes > 0 || activity == Activity::moving))
    texts.push_back(size_text(static_cast<std::uint64_t>(*bytes)) + "/s");
  if (const auto time = meter.left()) texts.push_back(left_text(*time) + " left");
  return texts;
}

std::string bytes_text(const TransferProgress& progress) {
  return size_text(progress.bytes_done) + " of " + size_text(std::max(progress.bytes_total, progress.bytes_done));
}

std::string files_text(const TransferProgress& progress) {
  if (progress.files_total <= 1) return {};
  return std::to_string(progress.files_done) + " of " + count_text(progress.files_total, "file", "files");
}

std::string bar(unsigned percent, std::size_t columns) {
  const std::size_t filled = (columns - 2) * percent / 100;
  return "[" + std::string(filled, '#') + std::string(columns - 2 - filled, ' ') + "]";
}

std::string percent_text(unsigned percent) {
  std::string digits = std::to_string(percent);
  return std::string(3 - digits.size(), ' ') + digits + "%";
}

}  // namespace

// In long double, as the product of large sizes is larger than 64 bits.
unsigned percent_done(const TransferProgress& progress) {
  const bool bytes = progress.bytes_total > 0 || progress.bytes_done > 0;
  const std::uint64_t done = bytes ? progress.bytes_done : progress.files_done + progress.files_failed;
  const std::uint64_t total = std::max(bytes ? progress.bytes_total : progress.files_total, done);
  return total == 0 ? 100U : static_cast<unsigned>(static_cast<long double>(done) * 100 / total);
}

std::string progress_line(const ProgressMeter& meter, Time now, const std::string& name, std::size_t columns) {
  const TransferProgress& progress = meter.progress();
  const unsigned percent = percent_done(progress);
  std::size_t used = 0;
  // Takes room, if there is as much and `more` beside it.
  const auto takes = [&](std::size_t wanted, std::size_t more) {
    const std::size_t gap = used == 0 ? 0 : kGap.size();
    if (wanted == 0 || used + gap + wanted + more > columns) return false;
    used += gap + wanted;
    return true;
  };
  // What matters most is given room first.
  const std::size_t bar_columns = columns < 60 ? 6 : columns < 120 ? 10 : 20;
  const std::string done = percent_text(percent);
  const bool has_done = takes(done.size(), 0);
  std::string pace;
  for (const std::string& text : pace_texts(meter, now)) {
    if (takes(text.size(), 0)) pace.append(kGap) += text;
  }
  // A blank parts it from the percentage.
  const bool has_bar = takes(bar_columns - 1, 0);
  const std::size_t name_columns = columns_of(name);
  const std::size_t for_name = name_columns == 0 ? 0 : std::min(name_columns, kMinNameColumns) + kGap.size();
  const std::string bytes = progress.bytes_total > 0 ? bytes_text(progress) : "";
  const bool has_bytes = takes(bytes.size(), for_name);
  const std::string files = files_text(progress);
  const bool has_files = takes(files.size(), for_name);

  std::string text;
  const std::size_t room = columns - used;
  if (room >= kGap.size() + std::min(name_columns, kMinShortenedName) && name_columns > 0) {
    text = fit_end(name, room - kGap.size()).append(kGap);
  }
  if (has_bar) text += bar(percent, bar_columns) + " ";
  if (has_done) text += done;
  if (has_bytes) text.append(kGap) += bytes;
  text += pace;
  if (has_files) text.append(kGap) += files;
  return text;
}

std::string progress_report(const ProgressMeter& meter, Time now, const std::string& name) {
  const TransferProgress& progress = meter.progress();
  std::string text = std::to_string(percent_done(progress)) + "%";
  if (progress.bytes_total > 0) text += ", " + bytes_text(progress);
  for (const std::string& pace : pace_texts(meter, now)) text += ", " + pace;
  if (const std::string files = files_text(progress); !files.empty()) text += ", " + files;
  return name.empty() ? text : text + ", " + name;
}

const char* activity_label(const ProgressMeter& meter, Time now) {
  if (meter.stalled(now)) return "stalled";
  switch (meter.activity(now)) {
    case Activity::moving:
      return "moving";
    case Activity::comparing:
      return "comparing";
    case Activity::waiting:
      return "waiting";
  }
  std::abort();
}

std::string failed_text(const TransferProgress& progress) {
  std::string text;
  if (progress.files_failed > 0) text = count_text(progress.files_failed, "file", "files");
  if (progress.folders_failed == 0) return text;
  return text + (text.empty() ? "" : " and ") + count_text(progress.folders_failed, "folder", "folders");
}

std::string progress_summary(const ProgressMeter& meter) {
  const TransferProgress& progress = meter.progress();
  const auto time = meter.spent();
  std::string text = count_text(progress.files_done, "file", "files") + ", " + size_text(progress.bytes_done);
  if (time < std::chrono::seconds(1)) return text + " in less than 1 s";
  text += " in " + time_text(std::chrono::duration_cast<std::chrono::seconds>(time));
  const auto per_second = progress.bytes_moved * 1000.0L / static_cast<long double>(time.count());
  return text + " (" + size_text(static_cast<std::uint64_t>(per_second)) + "/s)";
}

}  // namespace parley::client
