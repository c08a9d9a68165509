#include "service/log/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "base/descriptor.h"
#include "service/log/format.h"
#include "service/log/line_writer.h"

namespace parley {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::array<std::atomic<std::uint64_t>, 6> counts{};
std::atomic<std::uint64_t> lost{0};

void count(Level level) { counts[static_cast<std::size_t>(level)].fetch_add(1, std::memory_order_relaxed); }

spdlog::level::level_enum to_spdlog(Level level) {
  static_assert(static_cast<int>(Level::off) == static_cast<int>(spdlog::level::off));
  return static_cast<spdlog::level::level_enum>(level);
}

std::string format(std::string_view message, std::initializer_list<LogField> fields, LogFormat format) {
  return format == LogFormat::json ? log_detail::format_json(message, fields)
                                   : log_detail::format_text(message, fields);
}

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  return std::make_unique<spdlog::pattern_formatter>(format == LogFormat::json ? kJsonPattern : kTextPattern,
                                                     spdlog::pattern_time_type::utc);
}

std::string line_of(spdlog::formatter& formatter, const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter.format(message, line);
  return {line.data(), line.size()};
}

std::string line_of_log_event(Level level, std::string_view message, std::initializer_list<LogField> fields,
                              LogFormat form) {
  const std::string text = format(message, fields, form);
  return line_of(*make_formatter(form), {spdlog::string_view_t(), to_spdlog(level), text});
}

// Its lines go to standard error by a LineWriter: spdlog's own queue, and its thread, have no end without a reader.
class QueuedSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit QueuedSink(LogFormat format)
      : base_sink(make_formatter(format)),
        writer_(STDERR_FILENO, lost, [format](std::uint64_t lines) { return loss_line(lines, format); }) {}

  bool finish(std::chrono::milliseconds within) { return writer_.finish(within); }

 private:
  static std::string loss_line(std::uint64_t lines, LogFormat format) {
    if (!log_enabled(Level::warning)) return {};
    count(Level::warning);
    return line_of_log_event(Level::warning, "log lines were lost", {{"lines", lines}}, format);
  }

  void sink_it_(const spdlog::details::log_msg& message) override { writer_.write(line_of(*formatter_, message)); }
  void flush_() override {}

  LineWriter writer_;
};

// Whoever logs writes by itself, unless standard error `is_stuck`: it took nothing at the end, nobody tries it again.
class DirectSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DirectSink(bool is_stuck) : base_sink(make_formatter(LogFormat::text)), is_stuck_(is_stuck) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (is_stuck_ || write_all(STDERR_FILENO, as_bytes(line_of(*formatter_, message))) != 0)
      lost.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

  const bool is_stuck_;
};

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("parley", std::move(sink));
  logger->set_level(spdlog::level::trace);  // log_enabled() decides
  // Without memory for a line there is nowhere to say so.
  logger->set_error_handler([](const std::string&) { lost.fetch_add(1, std::memory_order_relaxed); });
  return logger;
}

// Where lines go now. Callers share it while they hand over a line; start and stop replace it.
struct Log {
  std::shared_mutex mutex;
  std::shared_ptr<QueuedSink> queue;  // none: callers write by themselves
  std::shared_ptr<spdlog::logger> logger = make_logger(std::make_shared<DirectSink>(false));
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
  auto queue = std::make_shared<QueuedSink>(settings.format);
  auto logger = make_logger(queue);
  Log& log = current();
  const std::unique_lock lock(log.mutex);
  log.queue = std::move(queue);
  log.logger = std::move(logger);
  log.format = settings.format;
}

void stop_logging(std::chrono::milliseconds within) {
  Log& log = current();
  std::shared_ptr<QueuedSink> queue;
  {
    const std::unique_lock lock(log.mutex);
    if (!log.queue) return;
    queue = std::move(log.queue);
    log.logger = make_logger(std::make_shared<DirectSink>(false));
    log.format = LogFormat::text;
  }
  if (queue->finish(within)) return;
  const std::unique_lock lock(log.mutex);
  log.logger = make_logger(std::make_shared<DirectSink>(true));
}

bool set_log_level(std::string_view name) {
  const std::optional<Level> level = parse_log_level(name);
  if (level) log_detail::least_level.store(*level, std::memory_order_relaxed);
  return level.has_value();
}

void log_event(Level level, std::string_view message, std::initializer_list<LogField> fields) noexcept {
  if (level >= Level::off || !log_enabled(level)) return;
  count(level);
  try {
    Log& log = current();
    const std::shared_lock lock(log.mutex);
    const std::string text = format(message, fields, log.format);
    log.logger->log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
  } catch (...) {  // no memory: the line is lost, the caller goes on
  }
}

std::string log_line(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  Log& log = current();
  const std::shared_lock lock(log.mutex);
  return line_of_log_event(level, message, fields, log.format);
}

std::array<std::uint64_t, 6> log_counts() {
  std::array<std::uint64_t, 6> copy{};
  for (std::size_t i = 0; i < copy.size(); ++i) copy[i] = counts[i].load(std::memory_order_relaxed);
  return copy;
}

std::uint64_t log_lines_lost() { return lost.load(std::memory_order_relaxed); }

}  // namespace parley
