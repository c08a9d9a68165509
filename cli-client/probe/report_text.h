#pragma once

#include <string>

#include "cli-client/probe/report.h"
#include "protocol/json/object.h"

namespace parley::client {

// Of a relay, HOST:PORT, what was found.

// For people: lines, of one that is well.
std::string report_text(const Report& report, const std::string& relay);
// The same in one line, well or not, without its line feed.
std::string report_line(const Report& report, const std::string& relay);
// For programs: the members of the event "check".
json::Object report_members(const Report& report, const std::string& relay);

}  // namespace parley::client
