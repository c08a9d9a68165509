#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace parley {

// What the admin API answers, for people: each takes the JSON of one call.

using Row = std::vector<std::string>;
// Columns as wide as their widest, two blanks between them; none behind the last.
std::string table(const std::vector<Row>& rows);

// "12 d 3 h", "4 min 5 s", "0.4 s": the two largest units.
std::string rough_time(double seconds);
// "41.2 MB", in units of 1000.
std::string rough_size(double bytes);

std::string status_table(const nlohmann::json& status);
// `sessions`: of all pages.
std::string session_table(const nlohmann::json& sessions);
std::string session_details(const nlohmann::json& session);
std::string lobby_table(const nlohmann::json& lobby);
std::string config_table(const nlohmann::json& configuration);
std::string reload_report(const nlohmann::json& report);
std::string log_level_line(const nlohmann::json& level);

}  // namespace parley
