#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace parley {

struct RequestHead {
  std::string text;              // with the empty line that ends it
  std::uint64_t body_bytes = 0;  // as Content-Length says
  bool chunked = false;          // there is a body whose length is not known
  bool expects_continue = false;
};

// The head of an HTTP/1.x request as a reader may take it that is less strict. Judged before anything else reads it:
// what two readers could take for different requests is refused (RFC 9112 sections 2.2, 3, 5 and 6), so that no body is
// ever taken for the next request. A target in absolute-form becomes origin-form, and its authority what Host says, in
// place of what it said (section 3.2.2). Range is left out: it is ignored, as a server may (RFC 9110 section 14.2).
// Expect is left out, too: whoever reads the body answers it. Accept-Encoding says gzip, or is not there: some readers
// look for no more than the name of a coding in it, and would send what was refused.
// `head`: with the empty line that ends it. The error says what is wrong; a literal.
tl::expected<RequestHead, std::string_view> normalize_head(std::string_view head);

}  // namespace parley
