#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "admin-api/http_message.h"
#include "service/view/view.h"

namespace parley {

constexpr std::size_t kMaxSessionsPerPage = 1000;

// The query of /api/v1/sessions: protocol, state, limit (1 to 1,000), cursor (a page's next_cursor). The error
// names the parameter and says what it may be.
tl::expected<SessionQuery, std::string> parse_session_query(const std::vector<NameValue>& query);

// Clients are to treat a cursor as opaque. It is the id of the last session of the page.
std::string cursor_after(const SessionView& last);

}  // namespace parley
