#include "cli-client/probe/report_text.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cli-client/base/json_line.h"

namespace parley::client {
namespace {

const char* words_for(Trust::By by) {
  switch (by) {
    case Trust::By::pin:
      return "the pin";
    case Trust::By::given_authorities:
      return "the authorities of --ca";
    case Trust::By::system_authorities:
      return "this system's authorities";
    case Trust::By::remembered:
      return "the pin in known_relays";
  }
  std::abort();
}

std::string time_text(Milliseconds time) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.1f ms", time.count());
  return text;
}

}  // namespace

std::string report_text(const Report& report, const std::string& relay) {
  std::string text = relay + " is well\n";
  const auto row = [&text](std::string_view what, const std::string& value) {
    char label[32];
    (void)std::snprintf(label, sizeof label, "  %-12s ", std::string(what).c_str());
    text += label + value + "\n";
  };
  if (report.reached) {
    row("address", report.reached->address);
    row("trusted by", words_for(report.reached->trusted_by));
    row("pin", pin_text(report.reached->pin));
  }
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    if (report.times.at(phase)) row(kPhases.at(phase).title, time_text(*report.times.at(phase)));
  }
  return text;
}

std::string report_line(const Report& report, const std::string& relay) {
  if (report.failure) return relay + " is not well: " + report.failure->text;
  std::string text = relay + " is well";
  std::string_view between = ": ";
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    if (!report.times.at(phase)) continue;
    text.append(between).append(kPhases.at(phase).title).append(" ").append(time_text(*report.times.at(phase)));
    between = ", ";
  }
  return text;
}

json::Object report_members(const Report& report, const std::string& relay) {
  json::Object members{{"ok", !report.failure}, {"relay", relay}};
  if (report.reached) {
    members.put("address", report.reached->address)
        .put("trusted_by", words_for(report.reached->trusted_by))
        .put("pin", pin_text(report.reached->pin));
    if (const auto expires = report.reached->certificate_expires) {
      members.put("certificate_expires", utc_text(*expires));
    }
  }
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    if (report.times.at(phase)) members.put(kPhases.at(phase).member, report.times.at(phase)->count());
  }
  if (report.failure) {
    members.put("error", report.failure->text)
        .put("status", static_cast<int>(report.failure->status))
        .put("cause", word_for(report.failure->cause))
        .put("reason", report.failure->text);
  }
  return members;
}

}  // namespace parley::client
