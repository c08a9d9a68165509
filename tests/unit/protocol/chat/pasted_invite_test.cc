#include "protocol/chat/pasted_invite.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/chat/invite.h"

// What may be round an invite and within it is in tests/vectors/chat.json: see invite_test.cc.
namespace parley::chat {
namespace {

using namespace std::string_literals;

const std::string kPasted = "parley://relay.example/ICEiIyQlJicoKSorLC0uLw#QEFCQ0RFRkdISUpLTE1OTw";

std::string utf16(std::string_view text, bool big) {
  std::string wide;
  for (const char c : text) {
    if (big) wide += '\0';
    wide += c;
    if (!big) wide += '\0';
  }
  return wide;
}

TEST(PastedInvite, MayBeInUtf16) {
  for (const std::string& file : {
           "\xff\xfe"s + utf16(kPasted + "\r\n", false), "\xfe\xff"s + utf16(kPasted + "\r\n", true),
           utf16(kPasted, false), utf16(kPasted, true),
           "\xff\xfe\x1c\x20"s + utf16(kPasted, false) + "\x1d\x20",        // typographic quotes
           "\xff\xfe\x3d\xd8\x00\xde"s + utf16(" " + kPasted, false),       // beyond the basic plane, in front
           "\xff\xfe"s + utf16("\r\n> " + kPasted.substr(0, 40), false) +   //
               utf16("\r\n> " + kPasted.substr(40) + "\r\n", false) + "x",  // half a character
       }) {
    const PastedInvite pasted(file);
    EXPECT_EQ(pasted.invite(), kPasted);
    EXPECT_EQ(pasted.behind(), "");
    EXPECT_TRUE(Invite::parse(file));
  }
}

TEST(PastedInvite, IsWholeWithTheLastCharacterOfItsSecret) {
  for (std::size_t size = 0; size < kPasted.size(); ++size) {
    EXPECT_FALSE(PastedInvite(kPasted.substr(0, size)).is_whole()) << size;
    EXPECT_FALSE(PastedInvite(kPasted.substr(0, size) + " \n> ").is_whole()) << size;
  }
  EXPECT_TRUE(PastedInvite(kPasted).is_whole());
  EXPECT_TRUE(PastedInvite("# of prose in front\n" + kPasted + "\nmore").is_whole());
}

TEST(PastedInvite, ThatIsCutByLinesAnywhereIsTheSame) {
  for (const char* cut : {"\n", "\r\n", "\n> ", "\r\n>> > ", " ", "\xc2\xa0", "\xe2\x80\x8b", "\n\xef\xbb\xbf"}) {
    for (std::size_t at = 1; at < kPasted.size(); ++at) {
      EXPECT_EQ(PastedInvite(kPasted.substr(0, at) + cut + kPasted.substr(at)).invite(), kPasted) << at;
    }
  }
}

TEST(PastedInvite, LosesNothingOfWhatFollowsIt) {
  EXPECT_EQ(PastedInvite(kPasted + "  --name x").behind(), "--namex");
  EXPECT_EQ(PastedInvite(kPasted + "#a").behind(), "#a");
  EXPECT_EQ(PastedInvite(kPasted + "', \"").behind(), "");
}

TEST(PastedInvite, IsEmptyWhenThereIsNothingButWhatIsDropped) {
  EXPECT_TRUE(PastedInvite("").is_empty());
  EXPECT_TRUE(PastedInvite("\xef\xbb\xbf \n> \xc2\xa0\xe2\x80\x9c\r\n").is_empty());
  EXPECT_FALSE(PastedInvite("x").is_empty());
  EXPECT_FALSE(PastedInvite("parley://").is_empty());
}

}  // namespace
}  // namespace parley::chat
