#include "service/log/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "service/log/format.h"

namespace parley {
namespace {

constexpr std::size_t kQueuedLines = 8192;
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::array<std::atomic<std::uint64_t>, 6> counts{};

spdlog::level::level_enum to_spdlog(Level level) {
  static_assert(static_cast<int>(Level::off) == static_cast<int>(spdlog::level::off));
  return static_cast<spdlog::level::level_enum>(level);
}

std::shared_ptr<spdlog::logger> prepared(std::shared_ptr<spdlog::logger> logger, LogFormat format) {
  logger->set_level(spdlog::level::trace);  // log_enabled() decides
  logger->set_pattern(format == LogFormat::json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc);
  // A broken standard error leaves nowhere to say so.
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

std::shared_ptr<spdlog::logger> direct_logger() {
  return prepared(std::make_shared<spdlog::logger>("direct", std::make_shared<spdlog::sinks::stderr_sink_mt>()),
                  LogFormat::text);
}

// Where lines go now. Callers share it while they hand over a line; start and stop replace it.
struct Log {
  std::shared_mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> writer;  // none: `logger` writes by itself
  std::shared_ptr<spdlog::logger> logger = direct_logger();
  LogFormat format = LogFormat::text;
};

Log& current() {
  static auto* log = new Log;  // never destroyed: other objects' destructors may log
  return *log;
}

}  // namespace

std::optional<Level> parse_log_level(std::string_view name) {
  const auto* found = std::find(kLogLevelNames.begin(), kLogLevelNames.end(), name);
  if (found == kLogLevelNames.end()) return std::nullopt;
  return static_cast<Level>(found - kLogLevelNames.begin());
}

void start_logging(const LogSettings& settings) {
  set_log_level(settings.level);
  auto writer = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  auto logger =
      prepared(std::make_shared<spdlog::async_logger>("queued", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                      writer, spdlog::async_overflow_policy::overrun_oldest),
               settings.format);
  Log& log = current();
  const std::unique_lock lock(log.mutex);
  log.logger = std::move(logger);
  log.writer = std::move(writer);
  log.format = settings.format;
}

void stop_logging() {
  Log& log = current();
  std::shared_ptr<spdlog::details::thread_pool> writer;
  {
    const std::unique_lock lock(log.mutex);
    if (!log.writer) return;
    writer = std::move(log.writer);
    log.logger = direct_logger();
    log.format = LogFormat::text;
  }
  const std::size_t lost = writer->overrun_counter();
  writer.reset();  // its thread writes what is queued, then ends
  if (lost > 0) log_event(Level::warning, "log lines were lost", {{"lines", lost}});
}

bool set_log_level(std::string_view name) {
  const std::optional<Level> level = parse_log_level(name);
  if (level) log_detail::least_level.store(*level, std::memory_order_relaxed);
  return level.has_value();
}

void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields) noexcept {
  if (level >= Level::off || !log_enabled(level)) return;
  counts[static_cast<std::size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  try {
    Log& log = current();
    const std::shared_lock lock(log.mutex);
    const std::string line = log.format == LogFormat::json ? log_detail::format_json(message, fields)
                                                           : log_detail::format_text(message, fields);
    log.logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {  // no memory: the line is lost, the caller goes on
  }
}

std::array<std::uint64_t, 6> log_counts() {
  std::array<std::uint64_t, 6> copy{};
  for (std::size_t i = 0; i < copy.size(); ++i) copy[i] = counts[i].load(std::memory_order_relaxed);
  return copy;
}

}  // namespace parley
