#pragma once

#include <string_view>

namespace parley {

// dashboard/page.html: the operator's page, whole, with its script and its style. It holds nothing of any relay.
extern const std::string_view kDashboardPage;

// Its Content-Security-Policy: that script and that style by their hashes, calls to where it came from, and no frame.
extern const std::string_view kDashboardPolicy;

}  // namespace parley
