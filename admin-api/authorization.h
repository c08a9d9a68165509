#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/settings/settings.h"

namespace parley {

enum class Access { allowed, unauthorized, forbidden };

struct Verdict {
  Access access = Access::allowed;
  std::string_view detail;  // why not, and how to mend it; a literal
};

// May a request use the protected routes (/api)?
// With a token: only with "Authorization: Bearer" and that token, compared in constant time; but through a Unix socket
// its permissions stand for that.
// Without one: only through a loopback listener or a Unix socket (a port of a browser's machine may be forwarded to
// it), and only when Host names loopback, so that a web page whose name is made to point at 127.0.0.1 (DNS rebinding)
// gets nowhere. `token`: nullptr without one. `authorization`, `host`: every header of that name in the request.
Verdict authorize(const std::string* token, const Endpoint& listener, const std::vector<std::string>& authorization,
                  const std::vector<std::string>& host);

// Is what asked a page of this endpoint's own, or no page at all? For calls that change something: a browser sends them
// for any page, and says in Origin whose it is (RFC 6454 section 7).
bool same_origin(const std::vector<std::string>& origin, const std::vector<std::string>& host);

// 127.0.0.0/8 and ::1, mapped addresses included.
bool is_loopback(std::string_view address);

// The field value of Host: `localhost`, `127.0.0.1` or `[::1]`, with or without a port.
bool names_loopback(std::string_view host);

}  // namespace parley
