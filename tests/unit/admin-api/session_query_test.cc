#include "admin-api/session_query.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(SessionQuery, DefaultsAreAHundredOfAnyKind) {
  const auto query = parse_session_query({});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->limit, 100u);
  EXPECT_FALSE(query->protocol);
  EXPECT_FALSE(query->state);
  EXPECT_FALSE(query->before);
}

TEST(SessionQuery, TakesEveryParameter) {
  const auto query = parse_session_query(
      {{"protocol", "classic"}, {"state", "closing"}, {"limit", "1000"}, {"cursor", "00000000000000ff"}});
  ASSERT_TRUE(query) << query.error();
  EXPECT_EQ(query->protocol, Protocol::classic);
  EXPECT_EQ(query->state, SessionState::closing);
  EXPECT_EQ(query->limit, 1000u);
  EXPECT_EQ(query->before, SessionId{255});
}

TEST(SessionQuery, EveryWordOfEveryEnumerationIsTaken) {
  for (std::size_t i = 0; i < kProtocols; ++i) {
    const auto protocol = static_cast<Protocol>(i);
    EXPECT_EQ(parse_session_query({{"protocol", std::string(label(protocol))}})->protocol, protocol);
  }
  for (std::size_t i = 0; i < kSessionStates; ++i) {
    const auto state = static_cast<SessionState>(i);
    EXPECT_EQ(parse_session_query({{"state", std::string(label(state))}})->state, state);
  }
}

TEST(SessionQuery, ErrorsNameTheParameter) {
  const std::vector<std::vector<NameValue>> bad{
      {{"protocol", ""}},
      {{"protocol", "Classic"}},
      {{"state", "open"}},
      {{"limit", ""}},
      {{"limit", "0"}},
      {{"limit", "1001"}},
      {{"limit", "-1"}},
      {{"limit", "1x"}},
      {{"limit", " 1"}},
      {{"limit", "+1"}},
      {{"limit", "1e2"}},
      {{"limit", "99999999999999999999"}},
      {{"cursor", ""}},
      {{"cursor", "ff"}},
      {{"cursor", "00000000000000fg"}},
      {{"room", "lobby"}},
      {{"", ""}},
      {{"Limit", "1"}},
      {{"limit", "1"}, {"limit", "1"}},
      {{"state", "active"}, {"state", "closing"}},
      {{"protocol", "classic"}, {"protocol", "classic"}},
      {{"cursor", "00000000000000ff"}, {"cursor", "00000000000000ff"}},
  };
  for (const auto& parameters : bad) {
    const auto query = parse_session_query(parameters);
    ASSERT_FALSE(query) << testing::PrintToString(parameters);
    EXPECT_TRUE(query.error().starts_with(parameters.back().first + ": ")) << query.error();
  }
}

using Page = Answered<std::vector<SessionView>>;

std::optional<SessionId> leads_to(const std::optional<std::string>& cursor) {
  return parse_session_query({{"cursor", cursor.value_or("")}})->before;
}

TEST(SessionQuery, CursorOfAFullPageLeadsToWhatComesAfter) {
  const Page page{{{.id = SessionId{9}, .started = {}, .legs = {}}, {.id = SessionId{7}, .started = {}, .legs = {}}}};
  EXPECT_EQ(leads_to(next_cursor(page, {.limit = 2})), SessionId{7});
  EXPECT_FALSE(next_cursor(page, {.limit = 3}));
  EXPECT_FALSE(next_cursor(Page{}, {.limit = 2}));
}

TEST(SessionQuery, APageThatIsShortBecauseAShardIsSilentIsNotTheEnd) {
  const Page page{{{.id = SessionId{9}, .started = {}, .legs = {}}}, false};
  EXPECT_EQ(leads_to(next_cursor(page, {.limit = 100})), SessionId{9});
  const Page empty{{}, false};
  EXPECT_EQ(leads_to(next_cursor(empty, {.before = SessionId{5}})), SessionId{5}) << "the same again";
  EXPECT_EQ(leads_to(next_cursor(empty, {})), SessionId{std::numeric_limits<std::uint64_t>::max()}) << "from the top";
}

}  // namespace
}  // namespace parley
