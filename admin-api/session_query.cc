#include "admin-api/session_query.h"

#include <charconv>
#include <limits>
#include <string_view>

namespace parley {

namespace {

// The enumerator of 0 … count-1 whose word is `text`.
template <class Enum>
std::optional<Enum> from_label(std::string_view text, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (label(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum>
std::string words(std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) result += i + 1 == count ? " or " : ", ";
    result += label(static_cast<Enum>(i));
  }
  return result;
}

}  // namespace

std::optional<std::size_t> parse_count(std::string_view text, std::size_t most) {
  std::size_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || value == 0 || value > most) return std::nullopt;
  return value;
}

tl::expected<SessionQuery, std::string> parse_session_query(const std::vector<NameValue>& query) {
  SessionQuery result;
  bool limited = false;
  for (const auto& [name, value] : query) {
    bool repeated = false;
    if (name == "protocol") {
      repeated = result.protocol.has_value();
      result.protocol = from_label<Protocol>(value, kProtocols);
      if (!result.protocol) return tl::unexpected("protocol: must be " + words<Protocol>(kProtocols));
    } else if (name == "state") {
      repeated = result.state.has_value();
      result.state = from_label<SessionState>(value, kSessionStates);
      if (!result.state) return tl::unexpected("state: must be " + words<SessionState>(kSessionStates));
    } else if (name == "limit") {
      repeated = std::exchange(limited, true);
      const auto limit = parse_count(value, kMaxSessionsPerPage);
      if (!limit) return tl::unexpected("limit: must be a number from 1 to " + std::to_string(kMaxSessionsPerPage));
      result.limit = *limit;
    } else if (name == "cursor") {
      repeated = result.before.has_value();
      const auto id = from_hex(value);
      if (!id) return tl::unexpected(std::string("cursor: must be the next_cursor of a page"));
      result.before = SessionId{*id};
    } else {
      return tl::unexpected(name + ": unknown parameter; there are protocol, state, limit and cursor");
    }
    if (repeated) return tl::unexpected(name + ": given more than once");
  }
  return result;
}

std::optional<std::string> next_cursor(const Answered<std::vector<SessionView>>& page, const SessionQuery& query) {
  if (!page.value.empty() && (page.value.size() >= query.limit || !page.complete)) {
    return to_string(page.value.back().id);
  }
  if (page.complete) return std::nullopt;
  // The same page again; of the first one, that before which all ids are.
  return to_string(query.before.value_or(SessionId{std::numeric_limits<std::uint64_t>::max()}));
}

}  // namespace parley
