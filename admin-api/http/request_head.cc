#include "admin-api/http/request_head.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/trim.h"

namespace parley {

namespace {

using HeadFault = std::optional<std::string_view>;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kBlank = " \t";
// A length beyond this is nobody's.
constexpr std::size_t kMostLengthDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != kMarks.npos;
  });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Takes a line off the front. nullopt: there is none, or it holds what no line may.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find(kLineEnd);
  if (end == rest.npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  if (std::ranges::any_of(line, [](char c) { return c != '\t' && is_control(c); })) return std::nullopt;
  return line;
}

struct RequestLine {
  std::string_view method, target, version;
};

std::optional<RequestLine> split(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos) return std::nullopt;
  RequestLine parts{line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  const bool visible = !parts.target.empty() && std::ranges::none_of(parts.target, [](char c) {
    return is_control(c) || c == '#' || static_cast<unsigned char>(c) > 0x7f;
  });
  const bool version = parts.version == "HTTP/1.1" || parts.version == "HTTP/1.0";
  if (!is_token(parts.method) || !visible || !version) return std::nullopt;
  return parts;
}

// Into origin-form, or as good as that but for the first slash. False: it is in neither form.
bool to_origin_form(std::string_view& target, std::string_view& authority) {
  constexpr std::string_view kHttpScheme = "http://";
  if (target.starts_with('/')) return true;
  if (target.size() <= kHttpScheme.size() || !equal_ignoring_case(target.substr(0, kHttpScheme.size()), kHttpScheme))
    return false;
  target.remove_prefix(kHttpScheme.size());
  const std::size_t end = std::min(target.find_first_of("/?"), target.size());
  authority = target.substr(0, end);
  target.remove_prefix(end);
  return !authority.empty();
}

// What the header fields say of the body and of Host.
struct Framing {
  bool length = false;
  bool coding = false;
  bool host = false;
  bool expects_continue = false;
  std::uint64_t body_bytes = 0;

  HeadFault take(std::string_view name, std::string_view value) {
    if (equal_ignoring_case(name, "Content-Length")) {
      if (std::exchange(length, true)) return "Content-Length comes more than once";
      if (value.empty() || value.size() > kMostLengthDigits || !std::ranges::all_of(value, is_digit))
        return "Content-Length is not a number";
      std::from_chars(value.data(), value.data() + value.size(), body_bytes);
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      if (std::exchange(coding, true) || !equal_ignoring_case(value, "chunked"))
        return "Transfer-Encoding is not chunked alone";
    } else if (equal_ignoring_case(name, "Host")) {
      if (std::exchange(host, true)) return "Host comes more than once";
    } else if (equal_ignoring_case(name, "Expect")) {
      // RFC 9110 section 10.1.1.
      if (!equal_ignoring_case(value, "100-continue")) return "Expect is not 100-continue";
      expects_continue = true;
    }
    return length && coding ? HeadFault("both Content-Length and Transfer-Encoding are there") : std::nullopt;
  }
};

// Whether the client takes gzip (RFC 9110 section 12.5.3): a list of codings, each with its weight; 0 refuses it.
class Codings {
 public:
  void take(std::string_view list) {
    while (!list.empty()) {
      const std::size_t end = std::min(list.find(','), list.size());
      const std::string_view one = list.substr(0, end);
      list.remove_prefix(std::min(end + 1, list.size()));
      const std::size_t parameters = std::min(one.find(';'), one.size());
      const std::string_view coding = trim(one.substr(0, parameters), kBlank);
      const bool wanted = one.substr(parameters).find_first_of("123456789") != one.npos || parameters == one.size();
      if (equal_ignoring_case(coding, "gzip")) gzip_ = wanted;
      if (coding == "*") any_ = wanted;
    }
  }
  bool gzip() const { return gzip_.value_or(any_); }

 private:
  std::optional<bool> gzip_;
  bool any_ = false;
};

}  // namespace

tl::expected<RequestHead, std::string_view> normalize_head(std::string_view head) {
  using Refused = tl::unexpected<std::string_view>;
  if (!head.ends_with("\r\n\r\n")) return Refused("not an HTTP/1.1 request, or its head is too large");
  head.remove_suffix(kLineEnd.size());
  const auto first = take_line(head);
  auto line = first ? split(*first) : std::nullopt;
  std::string_view authority;
  if (!line || !to_origin_form(line->target, authority))
    return Refused("not an HTTP/1.1 request: its first line is malformed");
  std::string normal(line->method);
  normal.append(line->target.starts_with('/') ? " " : " /").append(line->target);
  normal.append(" ").append(line->version).append(kLineEnd);
  Framing framing;
  Codings codings;
  while (!head.empty()) {
    const auto field = take_line(head);
    const std::size_t colon = field ? field->find(':') : std::string_view::npos;
    // A blank in front would go on with the field before, one before the colon makes another name for some.
    if (colon == std::string_view::npos || !is_token(field->substr(0, colon)))
      return Refused("a header field is malformed");
    const std::string_view name = field->substr(0, colon), value = trim(field->substr(colon + 1), kBlank);
    if (const HeadFault fault = framing.take(name, value)) return Refused(*fault);
    const bool of_codings = equal_ignoring_case(name, "Accept-Encoding");
    if (of_codings) codings.take(value);
    const bool left_out = of_codings || equal_ignoring_case(name, "Range") || equal_ignoring_case(name, "Expect") ||
                          (equal_ignoring_case(name, "Host") && !authority.empty());
    if (!left_out) normal.append(*field).append(kLineEnd);
  }
  if (framing.coding && line->version == "HTTP/1.0") return Refused("HTTP/1.0 has no Transfer-Encoding");
  if (codings.gzip()) normal.append("Accept-Encoding: gzip").append(kLineEnd);
  if (!authority.empty()) normal.append("Host: ").append(authority).append(kLineEnd);
  return RequestHead{.text = normal.append(kLineEnd),
                     .body_bytes = framing.body_bytes,
                     .chunked = framing.coding,
                     .expects_continue = framing.expects_continue && line->version != "HTTP/1.0"};
}

}  // namespace parley
