#include "protocol/chat/invite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/protocol/chat/vectors.h"

namespace parley::chat {
namespace {

constexpr std::string_view kInvite = "parley://relay.example/ICEiIyQlJicoKSorLC0uLw#QEFCQ0RFRkdISUpLTE1OTw";

TEST(Invite, VectorsAreReadAndWritten) {
  for (const auto& v : vectors()["invites"]["valid"]) {
    SCOPED_TRACE(v["text"].get<std::string>());
    const auto invite = Invite::parse(v["text"].get<std::string>());
    ASSERT_TRUE(invite) << invite.error();
    EXPECT_EQ(invite->host, v["host"].get<std::string>());
    EXPECT_EQ(invite->port, v["port"]);
    EXPECT_EQ(invite->room, v["room"].get<std::string>());
    EXPECT_EQ(to_hex(invite->secret.reveal()), v["secret"].get<std::string>());
    EXPECT_EQ(invite->pin.has_value(), !v["pin"].is_null());
    if (invite->pin) {
      EXPECT_EQ(to_hex(*invite->pin), v["pin"].get<std::string>());
    }
    EXPECT_EQ(invite->text().reveal(), v["canonical"].get<std::string>());
  }
}

TEST(Invite, AMistypedRoomIsKnown) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const Invite made = Invite::make("relay.example");
  EXPECT_TRUE(made.room_is_checked());
  EXPECT_TRUE(Invite::parse(made.text().reveal())->room_is_checked());
  unsigned mistyped = 0;
  for (std::size_t at = 0; at < made.room.size(); ++at) {
    for (const char letter : kLetters) {
      Invite other = Invite::make("relay.example");
      other.room = made.room;
      other.room[at] = letter;
      if (other.room == made.room) continue;
      EXPECT_FALSE(other.room_is_checked()) << other.room;
      ++mistyped;
    }
  }
  EXPECT_EQ(mistyped, 22U * 63U);
  EXPECT_FALSE(Invite::parse(kInvite)->room_is_checked()) << "of a maker that adds none";
}

TEST(Invite, TheCheckOfARoomIsTheOneOfTheDocument) {
  // Behind 0123456789abc; printf 'parley room0123456789abc' | sha256sum says 0f1528...
  Invite invite = Invite::make("relay.example");
  invite.room = "MDEyMzQ1Njc4OWFiYw8VKA";
  EXPECT_TRUE(invite.room_is_checked());
}

TEST(Invite, VectorsOfWrongOnesAreRefusedWithWhatIsWrong) {
  for (const auto& v : vectors()["invites"]["invalid"]) {
    SCOPED_TRACE(v["text"].get<std::string>());
    const auto invite = Invite::parse(v["text"].get<std::string>());
    ASSERT_FALSE(invite);
    EXPECT_THAT(invite.error(), testing::HasSubstr(v["names"].get<std::string>()));
    // A sentence of one line, without the end of it and without what it is about.
    EXPECT_THAT(invite.error(), testing::Not(testing::HasSubstr("\n")));
    EXPECT_THAT(invite.error(), testing::Not(testing::HasSubstr("QEFCQ0RF")));
    EXPECT_LT(invite.error().size(), 250U);
  }
}

TEST(Invite, NoCharacterMayBeLeftOut) {
  for (std::size_t i = 0; i < kInvite.size(); ++i) {
    std::string text(kInvite);
    text.erase(i, 1);
    const bool in_name = i >= 9 && i < 22;
    EXPECT_EQ(Invite::parse(text).has_value(), in_name) << text;
  }
}

TEST(Invite, NoTruncationIsAnInvite) {
  for (std::size_t size = 0; size < kInvite.size(); ++size) {
    EXPECT_FALSE(Invite::parse(kInvite.substr(0, size))) << size;
  }
}

TEST(Invite, OneMadeIsRandomAndIsReadBack) {
  const Invite a = Invite::make("2001:db8::1", 4000);
  const Invite b = Invite::make("2001:db8::1", 4000);
  EXPECT_NE(a.room, b.room);
  EXPECT_NE(to_hex(a.secret.reveal()), to_hex(b.secret.reveal()));
  const auto read = Invite::parse(a.text().reveal());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->host, "2001:db8::1");
  EXPECT_EQ(read->port, 4000);
  EXPECT_EQ(read->room, a.room);
  EXPECT_EQ(to_hex(read->secret.reveal()), to_hex(a.secret.reveal()));
}

TEST(Invite, TheLongestFits) {
  Invite invite = Invite::make(std::string(kMaxHostBytes, 'h'), 65535);
  invite.pin.emplace();
  EXPECT_TRUE(Invite::parse(invite.text().reveal()));
}

TEST(Invite, RedactedHoldsNeitherSecretNorRoom) {
  const auto invite = Invite::parse(kInvite);
  ASSERT_TRUE(invite);
  EXPECT_EQ(invite->redacted(), "parley://relay.example/ICEi…#…");
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Invite, ASecretIsNotPrinted) {
  EXPECT_FALSE(Printable<Secret>);
  EXPECT_FALSE(Printable<SecretText>);
  EXPECT_FALSE((std::is_convertible_v<SecretText, std::string>));
}

TEST(Secret, IsWipedWhenItGoes) {
  alignas(Secret) std::byte memory[sizeof(Secret)];
  auto* secret = new (memory) Secret();
  std::ranges::fill(secret->fill(), std::byte{0x55});
  secret->~Secret();
  // The bytes are this array's, whose lifetime goes on.
  EXPECT_EQ(std::ranges::count(std::span(memory), std::byte{0x55}), 0);
}

}  // namespace
}  // namespace parley::chat
