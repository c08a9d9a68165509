#include "protocol/relay/control.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "protocol/relay/errc.h"
#include "protocol/relay/frame.h"
#include "tests/unit/protocol/relay/vectors.h"

namespace parley::relay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What a receiver is given of a frame made by to_frame().
Bytes payload(const std::string& frame) { return bytes(std::string_view(frame).substr(kHeaderBytes)); }

std::error_code hello_error(std::string_view json) {
  const auto hello = parse_hello(bytes(json));
  return hello ? std::error_code{} : hello.error();
}

TEST(RelayControl, HelloVectorsAreAccepted) {
  for (const auto& vector : vectors().at("hello").at("accepted")) {
    const auto hello = parse_hello(from_hex(vector.at("payload")));
    ASSERT_TRUE(hello) << vector.at("name") << hello.error().message();
    const auto& means = vector.at("means");
    const auto member = [&](const char* name) {
      return means.contains(name) ? std::optional<std::string>(means.at(name)) : std::nullopt;
    };
    EXPECT_EQ(hello->room, member("room")) << vector.at("name");
    EXPECT_EQ(hello->resume, member("resume")) << vector.at("name");
    EXPECT_EQ(hello->client, member("client")) << vector.at("name");
    EXPECT_EQ(hello->access, member("access")) << vector.at("name");
  }
}

TEST(RelayControl, HelloVectorsAreRefused) {
  for (const auto& vector : vectors().at("hello").at("refused")) {
    EXPECT_FALSE(parse_hello(from_hex(vector.at("payload")))) << vector.at("name");
  }
}

TEST(RelayControl, TheErrorSaysWhatIsWrong) {
  EXPECT_EQ(hello_error(R"({"room":"a")"), Errc::bad_json);
  EXPECT_EQ(hello_error(R"({"client":"a"})"), Errc::missing_member);
  EXPECT_EQ(hello_error(R"({"room":false})"), Errc::wrong_type);
  EXPECT_EQ(hello_error(R"({"room":"a/b"})"), Errc::bad_value);
  EXPECT_EQ(hello_error(R"({"room":"a","x":")" + std::string(kMaxControlBytes, 'x') + "\"}"), Errc::too_long);
}

TEST(RelayControl, EveryTruncationIsRefused) {
  const std::string json = R"({"room":"a","x":[{"y":-1.5e3},null,true],"resume":"t","client":"é"})";
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_EQ(hello_error(json.substr(0, size)), Errc::bad_json) << size;
  }
}

TEST(RelayControl, NumbersAreWholeAndBounded) {
  const auto expires = [](const std::string& number) {
    return parse_waiting(bytes(R"({"resume":"t","expires_s":)" + number + "}"));
  };
  EXPECT_EQ(expires("0")->expires, seconds(0));
  EXPECT_EQ(expires("2147483647")->expires, seconds(2'147'483'647));
  for (const char* number : {"2147483648", "18446744073709551615"}) {
    EXPECT_EQ(expires(number).error(), Errc::bad_value) << number;
  }
  for (const char* number : {"-1", "-0", "1.0", "1e3", "18446744073709551616", "\"1\"", "null", "true", "[1]"}) {
    EXPECT_EQ(expires(number).error(), Errc::wrong_type) << number;
  }
  for (const char* number : {"01", "+1", "0x1", "1e999", "NaN", ""}) {
    EXPECT_EQ(expires(number).error(), Errc::bad_json) << number;
  }
  EXPECT_EQ(parse_waiting(bytes(R"({"resume":"t"})")).error(), Errc::missing_member);
}

TEST(RelayControl, WordsAreThoseOfTheProtocol) {
  const auto paired = [](const std::string& role, const std::string& resumed) {
    return parse_paired(
        bytes(R"({"session":"s","resume":"t","grace_s":60,"role":)" + role + R"(,"resumed":)" + resumed + "}"));
  };
  EXPECT_EQ(paired("\"first\"", "false")->role, Role::first);
  EXPECT_EQ(paired("\"second\"", "true")->role, Role::second);
  EXPECT_EQ(paired("\"third\"", "true").error(), Errc::bad_value);
  EXPECT_EQ(paired("1", "true").error(), Errc::wrong_type);
  EXPECT_EQ(paired("\"first\"", "0").error(), Errc::wrong_type);
  EXPECT_EQ(paired("\"first\"", "\"false\"").error(), Errc::wrong_type);

  EXPECT_EQ(parse_peer_left(bytes(R"({"reason":"closed","grace_s":0})"))->reason, Departure::closed);
  EXPECT_EQ(parse_peer_left(bytes(R"({"reason":"gone","grace_s":0})")).error(), Errc::bad_value);
  EXPECT_EQ(parse_peer_left(bytes(R"({"reason":"lost"})")).error(), Errc::missing_member);
}

TEST(RelayControl, AnErrorOfANewerRelayIsStillRead) {
  const auto error =
      parse_error(bytes(R"({"code":"too-quiet","message":"speak \u001b[31mup","retry_after_s":3,"x":[]})"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::unknown);
  EXPECT_EQ(error->message, "speak \x1b[31mup");
  EXPECT_EQ(error->retry_after, seconds(3));
  EXPECT_EQ(parse_error(bytes(R"({"message":""})")).error(), Errc::missing_member);
  EXPECT_EQ(parse_error(bytes(R"({"code":"idle","message":")" + std::string(513, 'x') + "\"}")).error(),
            Errc::bad_value);
  EXPECT_TRUE(parse_error(bytes(R"({"code":"idle","message":")" + std::string(512, 'x') + "\"}")));
}

TEST(RelayControl, FramesAreThoseOfTheVectors) {
  const auto& steps = vectors().at("conversation");
  const auto& tokens = vectors().at("tokens").at("valid");
  EXPECT_EQ(hex(bytes(to_frame(Hello{.room = "example-room", .client = "demo/1.0"}))),
            steps[0].at("hex").get<std::string>());
  EXPECT_EQ(hex(bytes(to_frame(Waiting{seconds(600), tokens[0].at("token")}))), steps[1].at("hex").get<std::string>());
  EXPECT_EQ(hex(bytes(to_frame(PeerLeft{Departure::lost, seconds(60)}))), steps[13].at("hex").get<std::string>());
  const std::string session = "00112233445566778899aabbccddeeff";
  EXPECT_EQ(hex(bytes(to_frame(Paired{session, Role::first, tokens[1].at("token"), false, seconds(60)}))),
            steps[5].at("hex").get<std::string>());
  for (const auto& vector : vectors().at("frames")) {
    const std::string name = vector.at("name");
    if (name == "goaway") {
      EXPECT_EQ(hex(bytes(to_frame(Goaway{"draining", milliseconds(1500)}))), vector.at("hex").get<std::string>());
    } else if (name == "error") {
      EXPECT_EQ(hex(bytes(to_frame(Error{ErrorCode::room_full, "two clients are in this room already"}))),
                vector.at("hex").get<std::string>());
    } else if (name == "error-retry") {
      EXPECT_EQ(
          hex(bytes(to_frame(Error{ErrorCode::rate_limited, "too many connections from your address", seconds(5)}))),
          vector.at("hex").get<std::string>());
    }
  }
}

TEST(RelayControl, WhatIsWrittenIsReadBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto up_to = [&](std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(0, most)(random); };
  const auto text_of = [&](std::size_t most, char low, char high) {
    std::string out(static_cast<std::size_t>(1 + up_to(static_cast<std::int64_t>(most) - 1)), low);
    for (char& c : out) c = static_cast<char>(low + up_to(high - low));
    return out;
  };
  const auto number = [&] { return up_to(1) == 0 ? up_to(9) : kMaxNumber - up_to(9); };
  for (int round = 0; round < 300; ++round) {
    Hello hello{.room = text_of(kMaxRoomBytes, 'a', 'z')};
    if (up_to(1) == 0) hello.resume = text_of(kMaxResumeBytes, '!', '~');
    if (up_to(1) == 0) hello.client = text_of(kMaxClientBytes, ' ', '~');
    if (up_to(1) == 0) hello.access = text_of(kMaxAccessBytes, '!', '~');
    EXPECT_EQ(parse_hello(payload(to_frame(hello))), hello);

    const Waiting waiting{seconds(number()), text_of(kMaxResumeBytes, '!', '~')};
    EXPECT_EQ(parse_waiting(payload(to_frame(waiting))), waiting);
    const Paired paired{text_of(kMaxSessionBytes, '!', '~'), static_cast<Role>(up_to(1)),
                        text_of(kMaxResumeBytes, '!', '~'), up_to(1) == 0, seconds(number())};
    EXPECT_EQ(parse_paired(payload(to_frame(paired))), paired);
    const PeerLeft left{static_cast<Departure>(up_to(1)), seconds(number())};
    EXPECT_EQ(parse_peer_left(payload(to_frame(left))), left);
    Error error{static_cast<ErrorCode>(up_to(kErrorCodes - 1)), text_of(kMaxMessageBytes, '\0', '\x7f')};
    if (up_to(1) == 0) error.retry_after = seconds(number());
    EXPECT_EQ(parse_error(payload(to_frame(error))), error);
    const Goaway goaway{text_of(kMaxReasonBytes, '!', '~'), milliseconds(number())};
    EXPECT_EQ(parse_goaway(payload(to_frame(goaway))), goaway);
  }
}

TEST(RelayControl, TheLargestOfEachFitsAFrame) {
  const std::string quotes(kMaxResumeBytes, '"');  // two bytes each in JSON
  const Hello hello{std::string(kMaxRoomBytes, 'r'), quotes, std::string(kMaxClientBytes, '"'),
                    std::string(kMaxAccessBytes, '"')};
  EXPECT_EQ(parse_hello(payload(to_frame(hello))), hello);
  const Error error{ErrorCode::ended_by_operator, std::string(kMaxMessageBytes, '\x01'), seconds(kMaxNumber)};  // six
  EXPECT_EQ(parse_error(payload(to_frame(error))), error);
  // Bytes that are not UTF-8 would be a mistake of ours: they become the replacement character.
  EXPECT_EQ(parse_error(payload(to_frame(Error{ErrorCode::idle, "\xff", {}})))->message, "\xef\xbf\xbd");
}

TEST(RelayControl, RoomsAreOfTheAlphabet) {
  EXPECT_TRUE(is_room("a"));
  EXPECT_TRUE(is_room(std::string(128, '~')));
  EXPECT_FALSE(is_room(""));
  EXPECT_FALSE(is_room(std::string(129, '~')));
  int good = 0;
  for (int c = 0; c < 256; ++c) good += is_room(std::string(1, static_cast<char>(c))) ? 1 : 0;
  EXPECT_EQ(good, 26 + 26 + 10 + 4);
}

}  // namespace
}  // namespace parley::relay
