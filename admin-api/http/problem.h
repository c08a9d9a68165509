#pragma once

#include <string_view>

#include "admin-api/http/http_message.h"

namespace parley {

// "Not Found": RFC 9110 section 15.
std::string_view phrase(int status);

// An error as RFC 9457 has it, application/problem+json: type (about:blank, the status says it all), title (the
// status' own phrase), status, detail.
HttpResponse problem(int status, std::string_view detail);

}  // namespace parley
