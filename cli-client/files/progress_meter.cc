#include "cli-client/files/progress_meter.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "cli-client/files/quantity.h"

namespace parley::client {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{250};
constexpr std::chrono::seconds kWindow{5};
constexpr std::size_t kMinNameColumns = 12;
constexpr double kMaxSeconds = 30.0 * 86'400;  // longer is not worth saying

// What East Asian fonts and emoji make two columns wide (Unicode's EastAsianWidth W and F, in large steps). A combining
// character counts as one, which only makes the line shorter than it could be; wider than the screen it must not be.
std::size_t columns_of(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kWide[] = {
      {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a}, {0x23e9, 0x23f3},   {0x25fd, 0x27bf},
      {0x2b1b, 0x2b55},   {0x2e80, 0xa4cf},   {0xa960, 0xa97f}, {0xac00, 0xd7ff},   {0xf900, 0xfaff},
      {0xfe10, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6}, {0x16fe0, 0x18fff}, {0x1aff0, 0x1b2ff},
      {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
  };
  return std::ranges::any_of(kWide, [c](const auto& range) { return c >= range.first && c <= range.second; }) ? 2 : 1;
}

// Takes the first character off.
std::size_t take_columns(std::string_view& text) {
  const auto [code, bytes] = first_char(text);
  text.remove_prefix(std::max<std::size_t>(bytes, 1));
  return columns_of(code);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += take_columns(text);
  return columns;
}

// The end of a path says more than its beginning.
std::string shorten(std::string_view name, std::size_t columns) {
  std::size_t left = columns_of(name);
  if (left <= columns) return std::string(name);
  while (left > columns - 1) left -= take_columns(name);
  return "…" + std::string(name);
}

}  // namespace

void ProgressMeter::update(const TransferProgress& progress, Time now) {
  if (progress.bytes_moved < progress_.bytes_moved) samples_.clear();  // it has begun anew
  changed_ = changed_ || progress.bytes_done != progress_.bytes_done || progress.files_done != progress_.files_done ||
             progress.files_failed != progress_.files_failed || progress.files_total != progress_.files_total;
  progress_ = progress;
  if (samples_.empty() || now - samples_.back().time >= kSampleEvery) samples_.push_back({now, progress.bytes_moved});
  while (samples_.size() > 2 && now - samples_[1].time >= kWindow) samples_.pop_front();
}

bool ProgressMeter::due(Time now) const { return changed_ && (!drawn_ || now - *drawn_ >= draw_every_); }

void ProgressMeter::drawn(Time now) {
  drawn_ = now;
  changed_ = false;
}

std::optional<double> ProgressMeter::rate() const {
  if (samples_.size() < 2) return std::nullopt;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const std::chrono::duration<double> time = last.time - first.time;
  return static_cast<double>(last.bytes - first.bytes) / time.count();
}

std::optional<std::chrono::seconds> ProgressMeter::left() const {
  const auto bytes = rate();
  if (!bytes || progress_.bytes_done > progress_.bytes_total) return std::nullopt;
  const double seconds = std::ceil(static_cast<double>(progress_.bytes_total - progress_.bytes_done) / *bytes);
  if (!(seconds <= kMaxSeconds)) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

std::string ProgressMeter::line(const std::string& name, std::size_t columns) const {
  const std::uint64_t total = std::max(progress_.bytes_total, progress_.bytes_done);
  // Rounded down: 100% is only what is complete. In long double, as the product of large sizes is larger than 64 bits.
  const auto percent =
      total == 0 ? 100U : static_cast<unsigned>(static_cast<long double>(progress_.bytes_done) * 100 / total);
  std::vector<std::string> parts = {std::to_string(percent) + "%",
                                    size_text(progress_.bytes_done) + " of " + size_text(total)};
  if (const auto bytes = rate()) parts.push_back(size_text(static_cast<std::uint64_t>(*bytes)) + "/s");
  if (const auto time = left()) parts.push_back(time_text(*time) + " left");
  if (progress_.files_total > 1) {
    parts.push_back(std::to_string(progress_.files_done) + " of " + count_text(progress_.files_total, "file", "files"));
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
  return (room == 0 ? "" : shorten(name, room)) + text;
}

std::string ProgressMeter::summary(Time now) const {
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  std::string text = count_text(progress_.files_done, "file", "files") + ", " + size_text(progress_.bytes_done);
  if (time < std::chrono::seconds(1)) return text + " in less than 1 s";
  text += " in " + time_text(std::chrono::duration_cast<std::chrono::seconds>(time));
  const auto per_second = progress_.bytes_moved * 1000.0L / static_cast<long double>(time.count());
  return text + " (" + size_text(static_cast<std::uint64_t>(per_second)) + "/s)";
}

}  // namespace parley::client
