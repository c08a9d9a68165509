#include "cli-client/classic/conversation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"

namespace parley::client {
namespace {

using namespace std::chrono_literals;
Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// A client with a 512-bit key against a relay with a 1024-bit one, on a clock that the test moves.
class ClassicConversationTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    own_key_ = new classic::PrivateKey(classic::PrivateKey::generate(512));
    relay_key_ = new classic::PrivateKey(classic::PrivateKey::generate(1024));
  }
  static void TearDownTestSuite() {
    delete own_key_;
    delete relay_key_;
  }

  void begin(ConversationRules rules = {10s, 2s, std::nullopt, false}, Pace pace = Pace::never) {
    rules.pace = pace;
    talk_.emplace(*own_key_, rules, now_);
  }
  // ... and both keys are exchanged.
  void connect(ConversationRules rules = {10s, 2s, std::nullopt, false}) {
    begin(rules);
    relay_says(relay_key_->public_pem());
    send_all();
    ASSERT_EQ(talk_->next_event(now_)->kind, ClassicConversation::EventKind::connected);
  }
  void relay_says(std::string_view text) { talk_->receive(bytes_of(text), now_); }
  void other_says(std::string_view text) { talk_->receive(block(text), now_); }
  Bytes block(std::string_view text) {
    const auto key = classic::PublicKey::from_pem(own_key_->public_pem());
    Bytes sealed(key->block_bytes());
    EXPECT_FALSE(key->seal(std::as_bytes(std::span(text)), sealed));
    return sealed;
  }
  void send_all() { talk_->sent(talk_->outbound().size(), now_); }
  // What the relay reads out of the outbound bytes, which are then sent.
  std::vector<std::string> relay_reads() {
    std::vector<std::string> messages;
    const auto outbound = talk_->outbound();
    const std::size_t k = relay_key_->block_bytes();
    EXPECT_EQ(outbound.size() % k, 0U);
    for (std::size_t at = 0; at + k <= outbound.size(); at += k) {
      std::string text(k, '\0');
      text.resize(*relay_key_->open(outbound.subspan(at, k), std::as_writable_bytes(std::span(text))));
      messages.push_back(text);
    }
    send_all();
    return messages;
  }
  std::vector<std::string> shown() {
    std::vector<std::string> texts;
    while (auto event = talk_->next_event(now_)) texts.push_back(event->text);
    return texts;
  }
  void advance(std::chrono::milliseconds time) { now_ += time; }
  std::optional<Ending> ending() { return talk_->ending(now_); }

  inline static classic::PrivateKey* own_key_ = nullptr;
  inline static classic::PrivateKey* relay_key_ = nullptr;
  TimePoint now_{1h};
  std::optional<ClassicConversation> talk_;
};

const std::error_code kReset = std::make_error_code(std::errc::connection_reset);
using Texts = std::vector<std::string>;

TEST_F(ClassicConversationTest, TakesARelaysKeyAfterWhiteSpace) {
  begin();
  relay_says("\r\n");
  relay_says(" \t\n" + relay_key_->public_pem());
  EXPECT_EQ(ending(), std::nullopt);
  ASSERT_TRUE(talk_->next_event(now_));
}

TEST_F(ClassicConversationTest, SendsItsKeyFirst) {
  begin();
  const auto outbound = talk_->outbound();
  EXPECT_EQ(Bytes(outbound.begin(), outbound.end()), bytes_of(own_key_->public_pem()));
  EXPECT_FALSE(talk_->wants_line());
}

TEST_F(ClassicConversationTest, KeyAndMessagesMayComeInAnySegments) {
  Bytes stream = bytes_of(relay_key_->public_pem());
  for (const char* text : {"one", "", "two"}) {
    const Bytes sealed = block(text);
    stream.insert(stream.end(), sealed.begin(), sealed.end());
  }
  for (std::size_t segment = 1; segment <= stream.size(); ++segment) {
    begin();
    for (std::size_t at = 0; at < stream.size(); at += segment) {
      talk_->receive(std::span(stream).subspan(at, std::min(segment, stream.size() - at)), now_);
    }
    EXPECT_EQ(shown(), (Texts{"", "one", "", "two"})) << segment;
  }
}

TEST_F(ClassicConversationTest, CarriageReturnAfterTheKeyBelongsToIt) {
  begin();
  std::string pem = relay_key_->public_pem();
  pem.insert(pem.size() - 1, "\r");
  relay_says(pem.substr(0, pem.size() - 1));
  relay_says(pem.substr(pem.size() - 1));
  other_says("hi");
  EXPECT_EQ(shown(), (Texts{"", "hi"}));
}

TEST_F(ClassicConversationTest, FirstMessageIsTheSignOfTheOtherSide) {
  connect();
  EXPECT_FALSE(talk_->heard());
  other_says("one");
  other_says("two");
  EXPECT_TRUE(talk_->next_event(now_)->first);
  EXPECT_FALSE(talk_->next_event(now_)->first);
  EXPECT_TRUE(talk_->heard());
}

TEST_F(ClassicConversationTest, LineBecomesOneMessage) {
  connect();
  ASSERT_TRUE(talk_->wants_line());
  talk_->send_line("hello");
  talk_->send_line("");
  EXPECT_EQ(relay_reads(), (Texts{"hello", ""}));
}

TEST_F(ClassicConversationTest, LongLineIsSplitOnCharacterBorders) {
  connect();
  std::string line;
  for (int i = 0; i < 100; ++i) line += "\xe2\x82\xac";
  talk_->send_line(line);
  const auto pieces = relay_reads();
  ASSERT_EQ(pieces.size(), 3U);  // 300 bytes by 117, of which 117 are whole characters
  std::string joined;
  for (const auto& piece : pieces) {
    EXPECT_EQ(piece.size() % 3, 0U);
    joined += piece;
  }
  EXPECT_EQ(joined, line);
}

TEST_F(ClassicConversationTest, NoLineIsWantedWhileTooMuchIsUnsent) {
  connect();
  while (talk_->wants_line()) talk_->send_line(std::string(100, 'x'));
  EXPECT_LT(talk_->outbound().size(), ClassicConversation::kHeldBytes + 256);
  talk_->sent(1000, now_);
  EXPECT_TRUE(talk_->wants_line());
}

TEST_F(ClassicConversationTest, TakingTurnsOneMessageAnswersOneLine) {
  connect({10s, 2s, std::nullopt, true});
  other_says("one");
  other_says("two");
  EXPECT_EQ(shown(), Texts{});
  ASSERT_TRUE(talk_->wants_line());
  talk_->send_line("first");
  EXPECT_FALSE(talk_->wants_line());
  EXPECT_EQ(shown(), Texts{"one"});
  EXPECT_TRUE(talk_->wants_line());
  talk_->send_line("second");
  EXPECT_EQ(shown(), Texts{"two"});
}

TEST_F(ClassicConversationTest, TakingTurnsTheEndShowsWhatWasHeldBack) {
  connect({10s, 2s, std::nullopt, true});
  other_says("one");
  talk_->receive_end({}, now_ + 1s);
  EXPECT_FALSE(ending());
  EXPECT_EQ(shown(), Texts{"one"});
  send_all();
  EXPECT_EQ(ending(), Ending::other_left);
}

TEST_F(ClassicConversationTest, TakingTurnsUnreadMessagesAreBounded) {
  connect({10s, 2s, std::nullopt, true});
  const Bytes sealed = block("x");
  while (talk_->wants_bytes()) talk_->receive(sealed, now_);
  EXPECT_EQ(shown(), Texts{});
  talk_->send_line("");
  EXPECT_EQ(shown(), Texts{"x"});
  EXPECT_TRUE(talk_->wants_bytes());
}

TEST_F(ClassicConversationTest, LeavesWhenLingerHasPassedSinceTheLastMessage) {
  connect();
  talk_->end_input(now_);
  other_says("one");
  shown();
  advance(1s);
  other_says("two");
  shown();
  advance(1999ms);
  EXPECT_FALSE(ending());
  advance(1ms);
  EXPECT_EQ(ending(), Ending::left);
}

TEST_F(ClassicConversationTest, LingerCountsFromTheInputsEndWhenThatIsLater) {
  connect();
  other_says("one");
  shown();
  advance(10s);
  EXPECT_FALSE(talk_->leave_at());
  talk_->end_input(now_);
  EXPECT_EQ(talk_->leave_at(), now_ + 2s);
}

TEST_F(ClassicConversationTest, DoesNotLeaveBeforeAllIsSent) {
  connect();
  other_says("one");
  shown();
  talk_->send_line("hello");
  talk_->end_input(now_);
  EXPECT_FALSE(talk_->leave_at());
  advance(1h);
  send_all();
  EXPECT_EQ(talk_->leave_at(), now_ + 2s);
}

TEST_F(ClassicConversationTest, WaitsForTheOtherSideWithoutLimit) {
  connect();
  talk_->end_input(now_);
  advance(24h);
  EXPECT_FALSE(ending());
}

TEST_F(ClassicConversationTest, WaitLimitsTheTimeUntilTheFirstSign) {
  connect({10s, 2s, 5s, false});
  advance(1min);
  EXPECT_FALSE(ending());
  talk_->end_input(now_);
  advance(5s);
  EXPECT_EQ(ending(), Ending::nobody_came);
}

TEST_F(ClassicConversationTest, LingerZeroLeavesAsSoonAsAllIsSent) {
  connect({10s, 0s, std::nullopt, false});
  talk_->send_line("hello");
  talk_->end_input(now_);
  EXPECT_FALSE(ending());
  send_all();
  EXPECT_EQ(ending(), Ending::left);
}

TEST_F(ClassicConversationTest, LingerNoneStaysUntilTheOtherLeaves) {
  connect({10s, std::nullopt, 5s, false});
  other_says("one");
  shown();
  talk_->end_input(now_);
  advance(24h);
  EXPECT_FALSE(ending());
  talk_->receive_end({}, now_);
  EXPECT_EQ(ending(), Ending::other_left);
}

TEST_F(ClassicConversationTest, MissingKeyIsNoticedAtItsDeadline) {
  begin();
  relay_says(relay_key_->public_pem().substr(0, 40));
  advance(9999ms);
  EXPECT_FALSE(ending());
  advance(1ms);
  EXPECT_EQ(ending(), Ending::no_key);
}

TEST_F(ClassicConversationTest, OtherProtocolsAreNoticedAtOnce) {
  for (const char* text : {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 400", "-----BEGIN PUBLIC KEY-----\n"}) {
    begin();
    relay_says(text);
    EXPECT_EQ(ending(), Ending::not_a_relay) << text;
  }
  begin();
  relay_says("\x15\x03\x03");
  EXPECT_EQ(ending(), Ending::speaks_tls);
}

TEST_F(ClassicConversationTest, DamagedOrEndlessKeyIsNoKey) {
  begin();
  relay_says("-----BEGIN RSA PUBLIC KEY-----\nMAAA\n-----END RSA PUBLIC KEY-----\n");
  EXPECT_EQ(ending(), Ending::not_a_relay);
  begin();
  relay_says("-----BEGIN RSA PUBLIC KEY-----\n" + std::string(5000, 'A'));
  EXPECT_EQ(ending(), Ending::not_a_relay);
}

TEST_F(ClassicConversationTest, EndBeforeTheKey) {
  begin();
  talk_->receive_end(kReset, now_);
  EXPECT_EQ(ending(), Ending::closed_before_key);
}

TEST_F(ClassicConversationTest, EndRightAfterTheKeysMayBeARefusal) {
  connect();
  talk_->receive_end({}, now_ + 100ms);
  EXPECT_EQ(ending(), Ending::closed_after_key);
}

TEST_F(ClassicConversationTest, EndRightAfterALongKeyIsNoRefusal) {
  const auto key = classic::PrivateKey::generate(2048);
  talk_.emplace(key, ConversationRules{10s, 2s, std::nullopt, false, Pace::never}, now_);
  relay_says(relay_key_->public_pem());
  send_all();
  ASSERT_TRUE(talk_->next_event(now_));
  talk_->receive_end({}, now_ + 100ms);
  EXPECT_EQ(ending(), Ending::ended_unheard);
}

TEST_F(ClassicConversationTest, ARelayWithAShortKeyIsGivenOneBlockATurn) {
  begin({10s, 2s, 5s, false}, Pace::automatic);
  relay_says(relay_key_->public_pem());
  send_all();
  ASSERT_TRUE(talk_->next_event(now_));
  talk_->send_line("one");
  talk_->send_line("two");
  talk_->end_input(now_);
  talk_->advance(now_);
  EXPECT_TRUE(talk_->outbound().empty()) << "the key is to be read first";
  now_ = talk_->next_outbound().value();
  talk_->advance(now_);
  EXPECT_EQ(relay_reads(), Texts{"one"});
  EXPECT_TRUE(talk_->waits_for_answer());
  EXPECT_FALSE(talk_->next_outbound());
  EXPECT_EQ(talk_->leave_at(), now_ - Outbound::kPause + 5s) << "of --wait, as nobody has written";
  advance(1s);
  other_says("and?");
  EXPECT_EQ(shown(), Texts{"and?"});
  advance(Outbound::kPause);
  talk_->advance(now_);
  EXPECT_EQ(relay_reads(), Texts{"two"});
  EXPECT_EQ(talk_->leave_at(), now_ + 2s);
}

TEST_F(ClassicConversationTest, WhatWaitsForATurnAtTheEndWasNotSent) {
  begin({10s, 2s, std::nullopt, false}, Pace::always);
  relay_says(relay_key_->public_pem());
  send_all();
  ASSERT_TRUE(talk_->next_event(now_));
  other_says("first");
  EXPECT_EQ(shown(), Texts{"first"});
  talk_->send_line(std::string(200, 'x'));
  advance(Outbound::kPause);
  talk_->advance(now_);
  EXPECT_EQ(relay_reads().size(), 1U) << "of two blocks";
  talk_->receive_end({}, now_);
  EXPECT_EQ(ending(), Ending::unsent);
}

TEST_F(ClassicConversationTest, LaterEndWithoutAWord) {
  connect();
  talk_->receive_end({}, now_ + 1s);
  EXPECT_EQ(ending(), Ending::ended_unheard);
}

TEST_F(ClassicConversationTest, EndsAfterAConversation) {
  struct Case {
    std::error_code error;
    bool unsent;
    bool partial_block;
    Ending ending;
  };
  for (const Case& c : {Case{{}, false, false, Ending::other_left}, Case{{}, true, false, Ending::unsent},
                        Case{{}, false, true, Ending::cut_short}, Case{kReset, false, false, Ending::reset}}) {
    connect();
    other_says("hi");
    if (c.unsent) talk_->send_line("unsent");
    if (c.partial_block) relay_says("part");
    talk_->receive_end(c.error, now_ + 10ms);
    EXPECT_FALSE(ending());  // the message is still to be shown
    EXPECT_EQ(shown(), Texts{"hi"});
    EXPECT_EQ(ending(), c.ending);
    EXPECT_FALSE(talk_->wants_line());
    EXPECT_FALSE(talk_->wants_bytes());
  }
}

TEST_F(ClassicConversationTest, BlockAboveTheModulusEndsIt) {
  connect();
  relay_says(std::string(own_key_->block_bytes(), '\xff'));
  EXPECT_EQ(shown(), Texts{});
  EXPECT_EQ(ending(), Ending::bad_block);
}

}  // namespace
}  // namespace parley::client
