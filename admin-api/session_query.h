#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "admin-api/http/http_message.h"
#include "service/view/view.h"

namespace parley {

constexpr std::size_t kMaxSessionsPerPage = 1000;

// A parameter that is a number from 1 to `most`, in digits alone.
std::optional<std::size_t> parse_count(std::string_view text, std::size_t most);

// The query of /api/v1/sessions: protocol, state, limit (1 to 1,000), cursor (a page's next_cursor). The error
// names the parameter and says what it may be.
tl::expected<SessionQuery, std::string> parse_session_query(const std::vector<NameValue>& query);

// Where to go on after `page`, which `query` has yielded; nullopt: nothing follows. After a page that is not complete
// something may always follow. Clients are to treat a cursor as opaque. It is the id of the last session of the page.
std::optional<std::string> next_cursor(const Answered<std::vector<SessionView>>& page, const SessionQuery& query);

}  // namespace parley
