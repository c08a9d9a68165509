#include "parleyd/ctl_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace parley {

namespace {

using nlohmann::json;

std::string one_decimal(double number) {
  std::array<char, 32> text;
  const int length = std::snprintf(text.data(), text.size(), "%.1f", number);
  return {text.data(), static_cast<std::size_t>(length)};
}

// A string as it is, a number as people write it, "-" for what is not known.
std::string shown(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// "2026-11-29T21:00:00.000Z" without what is below a second.
std::string moment(const json& time) {
  if (!time.is_string()) return "-";
  std::string text = time.get<std::string>().substr(0, 19);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

std::string joined(const json& words, std::string_view between = ", ") {
  std::string text;
  for (const json& word : words) text.append(text.empty() ? "" : between).append(shown(word));
  return text.empty() ? "none" : text;
}

std::string total(const json& session, const char* member) {
  double sum = 0;
  for (const json& leg : session["legs"]) sum += leg[member].get<double>();
  return rough_size(sum);
}

std::string at_most(const json& count, const json& limit) {
  return shown(count) + (limit.is_null() ? "" : " of " + shown(limit));
}

std::string certificate_line(const json& certificate) {
  if (certificate.is_null()) return "none";
  return (certificate["expires"].is_null() ? "made by itself" : "expires " + moment(certificate["expires"])) + ", " +
         shown(certificate["pin"]);
}

}  // namespace

std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string rough_time(double seconds) {
  struct Unit {
    double seconds;
    const char* word;
  };
  constexpr std::array<Unit, 4> kUnits{{{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}}};
  if (seconds < 10) return one_decimal(seconds) + " s";
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    if (seconds < kUnits[i].seconds) continue;
    const double whole = std::floor(seconds / kUnits[i].seconds);
    const double rest = std::floor((seconds - whole * kUnits[i].seconds) / kUnits[i + 1].seconds);
    return std::to_string(std::lround(whole)) + kUnits[i].word + " " + std::to_string(std::lround(rest)) +
           kUnits[i + 1].word;
  }
  return std::to_string(std::lround(std::floor(seconds))) + " s";
}

std::string rough_size(double bytes) {
  constexpr std::array<const char*, 5> kUnits{" B", " KB", " MB", " GB", " TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.95 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return (unit == 0 ? std::to_string(std::lround(bytes)) : one_decimal(bytes)) + kUnits[unit];
}

std::string status_table(const json& status) {
  const json& classic = status["protocols"]["classic"];
  const json& relay = status["protocols"]["relay"];
  const json& pool = status["key_pool"];
  std::string state = shown(status["state"]);
  if (const json& drain = status["drain"]; !drain.is_null()) {
    state += " since " + moment(drain["since"]) +
             (drain["deadline"].is_null() ? ", without a deadline" : ", until " + moment(drain["deadline"])) +
             (drain["for_good"].get<bool>() ? "; then it ends" : "");
  }
  std::string text =
      table({{"state", state},
             {"version", shown(status["version"]) + " (" + shown(status["commit"]) + "), " + shown(status["openssl"])},
             {"up", rough_time(status["uptime_s"].get<double>())},
             {"classic", joined(status["listeners"]["classic"])},
             {"relay/1", joined(status["listeners"]["relay"])},
             {"certificate", certificate_line(status["certificate"])},
             {"keys", shown(pool["ready"]) + " of " + shown(pool["capacity"]) + " ready, " + shown(pool["waiting"]) +
                          " connections wait"}});
  const auto row = [&](const char* name, const auto& value) { return Row{name, value(classic), value(relay)}; };
  const auto count = [](const char* member) { return [member](const json& one) { return shown(one[member]); }; };
  const auto sessions = [](const char* state_of) {
    return [state_of](const json& one) { return shown(one["sessions"][state_of]); };
  };
  const auto size = [](const char* member) {
    return [member](const json& one) { return rough_size(one[member].get<double>()); };
  };
  const json& most = status["limits"]["max_connections"];
  text += "\n" + table({{"", "classic", "relay/1"},
                        row("connections", count("connections")),
                        row("waiting", count("lobby_legs")),
                        row("sessions", sessions("active")),
                        row("held", sessions("held")),
                        row("sessions so far", count("sessions_total")),
                        row("messages so far", count("messages_total")),
                        row("received", size("bytes_in_total")),
                        row("sent", size("bytes_out_total"))});
  const json all = classic["connections"].get<std::uint64_t>() + relay["connections"].get<std::uint64_t>();
  return text + "\n" + at_most(all, most) + " connections\n";
}

std::string session_table(const json& sessions) {
  std::vector<Row> rows{{"ID", "PROTOCOL", "STATE", "SINCE (UTC)", "FIRST", "SECOND", "RECEIVED", "IDLE"}};
  for (const json& session : sessions) {
    const auto leg = [&](std::size_t i) {
      const json& one = session["legs"][i];
      return shown(one["address"]) + (one["lost"].get<bool>() ? " (lost)" : "");
    };
    rows.push_back({shown(session["id"]), shown(session["protocol"]), shown(session["state"]),
                    moment(session["started"]), leg(0), leg(1), total(session, "bytes_in"),
                    rough_time(session["idle_s"].get<double>())});
  }
  return table(rows);
}

std::string session_details(const json& session) {
  std::string text = table({{"id", shown(session["id"])},
                            {"protocol", shown(session["protocol"])},
                            {"state", shown(session["state"])},
                            {"since", moment(session["started"])},
                            {"idle", rough_time(session["idle_s"].get<double>())},
                            {"resumptions", shown(session["resumptions"])}});
  std::vector<Row> rows{{"", "first", "second"}};
  const auto row = [&](const char* name, const auto& value) {
    rows.push_back({name, value(session["legs"][0]), value(session["legs"][1])});
  };
  for (const char* member :
       {"address", "client", "messages_in", "messages_out", "bytes_in", "bytes_out", "buffered_bytes", "lost"}) {
    row(member, [member](const json& leg) { return shown(leg[member]); });
  }
  row("round trip", [](const json& leg) {
    return leg["round_trip_s"].is_null() ? "-" : one_decimal(leg["round_trip_s"].get<double>() * 1000) + " ms";
  });
  return text + "\n" + table(rows);
}

std::string lobby_table(const json& lobby) {
  std::vector<Row> rows{{"ID", "PROTOCOL", "SINCE (UTC)", "ADDRESS", "CLIENT"}};
  for (const json& leg : lobby["legs"]) {
    rows.push_back({shown(leg["id"]), shown(leg["protocol"]), moment(leg["connected"]), shown(leg["address"]),
                    shown(leg["client"])});
  }
  return table(rows);
}

std::string config_table(const json& configuration) {
  std::vector<Row> rows{{"OPTION", "VALUE", "FROM"}};
  for (const json& setting : configuration["settings"]) {
    rows.push_back({shown(setting["name"]), joined(setting["values"]),
                    setting["where"].is_null() ? shown(setting["source"]) : shown(setting["where"])});
  }
  return table(rows);
}

std::string reload_report(const json& report) {
  std::vector<Row> rows{{"changed", joined(report["changed"])}};
  if (!report["needs_restart"].empty()) rows.push_back({"needs a restart", joined(report["needs_restart"])});
  if (const json& certificate = report["certificate"]; !certificate["after"].is_null()) {
    rows.push_back({"certificate", certificate_line(certificate["after"])});
    rows.push_back({"fingerprint", shown(certificate["after"]["fingerprint"])});
    if (certificate["before"] != certificate["after"] && !certificate["before"].is_null())
      rows.push_back({"before", shown(certificate["before"]["fingerprint"])});
  }
  return table(rows);
}

std::string log_level_line(const json& level) {
  std::string text = shown(level["level"]);
  if (level["level"] != level["configured"]) {
    text += level["until"].is_null() ? ", until a reload changes it" : ", until " + moment(level["until"]);
    text += "; configured is " + shown(level["configured"]);
  }
  return text + "\n";
}

}  // namespace parley
