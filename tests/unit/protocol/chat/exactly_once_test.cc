// The promise of chat/1, on a link that cuts at random bytes: every record is taken exactly once and in order, both
// ways, and both sides come to a good end. And the checker that says so finds what is planted.
// A failure prints its seed: PARLEY_SEED=N unit_tests --gtest_filter='ExactlyOnce.*' runs it again.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "protocol/chat/errc.h"
#include "protocol/chat/inner_tls.h"
#include "tests/support/rounds.h"
#include "tests/unit/protocol/chat/two_sides.h"

namespace parley::chat {
namespace {

using namespace std::chrono_literals;

// What is wrong with a transcript, in a word; empty when each of 1 to `count` was taken once, in order, and then BYE.
// One STREAM may hold several.
std::string check(const std::vector<std::string>& taken, std::size_t count) {
  std::size_t expected = 0;
  for (const std::string& text : taken) {
    if (text == "BYE") {
      return expected != count ? "lost" : &text == &taken.back() ? "" : "after BYE";
    }
    std::istringstream numbers(text);
    for (std::size_t number = 0; numbers >> number; expected = number) {
      if (number <= expected) return "doubled or out of order: " + text + " after " + std::to_string(expected);
      if (number != expected + 1) return "lost or out of order: " + text + " after " + std::to_string(expected);
    }
  }
  return "no BYE";
}

enum class Fault {
  none,
  unacknowledged,  // one side takes a message and never says so
  dropped,         // a message taken is missing in the transcript
  doubled,
  swapped,
  skipped_record,  // the relay drops one whole record
};

struct Talk {
  Talk(std::uint64_t seed, std::size_t each, bool tls, Fault to_plant = Fault::none)
      : random(seed), count(each), with_tls(tls), fault(to_plant) {}

  std::mt19937_64 random;
  std::size_t count;
  bool with_tls;
  Fault fault;
  Conversation::Time now{1h};
  std::size_t cuts = 0;
  std::size_t begun = 0;  // streams

  struct End {
    explicit End(unsigned number) : side(number) {}
    Side side;
    std::size_t said = 0;
    std::optional<InnerTls> tls;
    Bytes wire;  // under way to the other end
    bool up = false;
  };
  End ends[2] = {End(1), End(2)};

  bool chance(unsigned in) { return random() % in == 0; }

  void connect() {
    Psk psk;
    for (int i = 0; i < 2; ++i) {
      End& end = ends[i];
      end.wire.clear();
      end.up = true;
      if (with_tls) end.tls.emplace(i == 0 ? InnerTls::Role::first : InnerTls::Role::second, psk);
      end.side.conversation.start_stream();
    }
    ++begun;
  }

  // A side notices a cut sooner or later; until it does it writes into nothing.
  void cut() {
    for (End& end : ends) {
      end.wire.clear();
      if (chance(2)) notice(end);
    }
    ++cuts;
    broken = true;
  }
  void notice(End& end) {
    end.up = false;
    end.side.conversation.stop_stream();
  }
  bool broken = true;

  void write(End& end) {
    Bytes out;
    if (!end.tls) {
      end.side.conversation.write(out, 1 + random() % 3000, now);
    } else {
      if (end.tls->state() == InnerTls::State::open) {
        Bytes plain;
        end.side.conversation.write(plain, 1 + random() % 3000, now);
        end.tls->send(plain);
      }
      out.resize(end.tls->pending_output());
      end.tls->read_output(out);
    }
    if (!broken) append(end.wire, out);
  }

  bool can_write(const End& end) const {
    return end.up && (!end.tls || end.tls->state() == InnerTls::State::open || end.tls->pending_output() > 0);
  }

  // Up to all of what is under way from `from` arrives.
  void deliver(End& from, End& to) {
    const std::size_t size = chance(3) ? from.wire.size() : random() % (from.wire.size() + 1);
    Bytes piece(from.wire.begin(), from.wire.begin() + static_cast<std::ptrdiff_t>(size));
    from.wire.erase(from.wire.begin(), from.wire.begin() + static_cast<std::ptrdiff_t>(size));
    if (to.tls) {
      Bytes plain;
      ASSERT_FALSE(to.tls->receive(piece, plain));
      piece = plain;
    }
    receive(to, piece);
  }

  void receive(End& to, ByteView piece) {
    to.side.error = to.side.conversation.receive(piece, now);
    const std::size_t before = to.side.texts.size();
    to.side.take = false;
    to.side.drain(now);
    plant(to, before);
    if (chance(2)) take(to);
  }

  // A fault of the transcript, once, in what end 0 has taken.
  void plant(End& to, std::size_t before) {
    auto& texts = to.side.texts;
    const bool here = fault == Fault::dropped || fault == Fault::doubled || fault == Fault::swapped;
    if (!here || &to != &ends[0] || planted || texts.size() < count / 2 || texts.size() < before + 2 ||
        texts.back() == "BYE") {
      return;
    }
    planted = true;
    if (fault == Fault::dropped) texts.pop_back();
    if (fault == Fault::doubled) texts.push_back(texts.back());
    if (fault == Fault::swapped) std::swap(texts.back(), *std::prev(texts.end(), 2));
  }
  bool planted = false;

  void take(End& end) {
    auto& untaken = end.side.untaken;
    if (fault == Fault::unacknowledged && &end == &ends[0]) {
      std::erase_if(untaken, [&](const Message& m) { return m.id.sequence >= count / 2; });
    }
    const auto upto = static_cast<std::ptrdiff_t>(random() % (untaken.size() + 1));
    for (auto m = untaken.begin(); m != untaken.begin() + upto; ++m) end.side.conversation.taken(m->id, now);
    untaken.erase(untaken.begin(), untaken.begin() + upto);
  }

  void say(End& end) {
    Conversation& c = end.side.conversation;
    for (auto more = random() % 4; more > 0 && end.said < count; --more) {
      const bool text = !chance(4);
      const std::string body = std::to_string(end.said + 1) + " ";
      if (c.can_send(text ? Type::text : Type::stream, body.size())) {
        c.send(text ? Type::text : Type::stream, bytes(body));
        ++end.said;
      }
    }
    if (end.said == count && !c.finishing()) c.finish();
    if (chance(20)) c.send_typing();
  }

  bool finished() const { return ends[0].side.conversation.over() && ends[1].side.conversation.over(); }

  // Runs until both sides have left; false when that does not come about.
  bool run(unsigned cut_in, int steps = 2'000'000) {
    for (int step = 0; step < steps && !finished(); ++step) {
      now += 1ms;
      for (End& end : ends) end.side.conversation.advance(now);
      if (broken) {
        for (End& end : ends) {
          if (end.up && chance(5)) notice(end);
        }
        if (!ends[0].up && !ends[1].up && chance(3)) {
          connect();
          broken = false;
        }
      } else if (chance(cut_in)) {
        cut();
      }
      const auto i = random() % 2;
      End& end = ends[i];
      End& other = ends[1 - i];
      if (end.side.conversation.over()) {
        // It has left: its last bytes arrive, or not, and the relay tells the other.
        if (!broken && chance(2)) deliver(end, other);
        if (chance(100)) other.side.conversation.partner_left();
        continue;
      }
      say(end);
      if (can_write(end)) write(end);
      if (fault == Fault::skipped_record && !planted && !broken && other.said > count / 2 && !end.wire.empty() &&
          end.side.conversation.paired()) {
        planted = skip_record(end.wire);
      }
      if (!broken && end.up) deliver(other, end);
      take(end);
      if (end.side.error || other.side.error) return false;
      if (step > 400'000 && fault == Fault::unacknowledged) return false;
    }
    return finished();
  }

  // Takes a whole numbered record out of what is under way; only where a record begins, and without TLS.
  static bool skip_record(Bytes& wire) {
    RecordReader reader;
    reader.feed(wire);
    const auto record = reader.next();
    if (!record || !*record || (*record)->type != Type::text) return false;
    wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes + (*record)->body.size()));
    return true;
  }
};

std::uint64_t seed() {
  const char* given = std::getenv("PARLEY_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

void expect_exactly_once(Talk& talk) {
  for (int i = 0; i < 2; ++i) {
    const Side& side = talk.ends[i].side;
    EXPECT_FALSE(side.error) << side.error.message();
    EXPECT_TRUE(side.conversation.good_end());
    EXPECT_TRUE(side.restarted.empty());
    EXPECT_EQ(check(side.texts, talk.count), "");
  }
}

TEST(ExactlyOnce, OverHundredsOfCuts) {
  const auto first = seed();
  std::size_t cuts = 0;
  for (std::uint64_t i = 0; i < 20 && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("PARLEY_SEED=" + std::to_string(first + i));
    Talk talk(first + i, 2000, false);
    EXPECT_TRUE(talk.run(50));
    expect_exactly_once(talk);
    cuts += talk.cuts;
  }
  EXPECT_GT(cuts, 500U);
  RecordProperty("cuts", static_cast<int>(cuts));
}

TEST(ExactlyOnce, WithCutsSoDenseThatFewStreamsCarryAnything) {
  const auto first = seed();
  for (std::uint64_t i = 0; i < 20 && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("PARLEY_SEED=" + std::to_string(first + i));
    Talk talk(first + i, 100, false);
    EXPECT_TRUE(talk.run(5));
    expect_exactly_once(talk);
  }
}

TEST(ExactlyOnce, OfShortConversationsWhoseEndIsCut) {
  const auto first = seed();
  for (std::uint64_t i = 0; i < std::uint64_t{test::rounds(2000)} && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("PARLEY_SEED=" + std::to_string(first + i));
    Talk talk(first + i, i % 3, false);
    EXPECT_TRUE(talk.run(8));
    expect_exactly_once(talk);
  }
}

TEST(ExactlyOnce, ThroughTheInnerTls) {
  const auto first = seed();
  std::size_t cuts = 0;
  for (std::uint64_t i = 0; i < 3 && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("PARLEY_SEED=" + std::to_string(first + i));
    Talk talk(first + i, 500, true);
    EXPECT_TRUE(talk.run(20));
    expect_exactly_once(talk);
    cuts += talk.cuts;
  }
  EXPECT_GT(cuts, 30U);
}

TEST(ExactlyOnce, TheCheckerFindsWhatIsPlanted) {
  for (const Fault fault : {Fault::dropped, Fault::doubled, Fault::swapped}) {
    Talk talk(seed(), 1000, false, fault);
    EXPECT_TRUE(talk.run(100));
    ASSERT_TRUE(talk.planted);
    EXPECT_NE(check(talk.ends[0].side.texts, talk.count), "") << static_cast<int>(fault);
    EXPECT_EQ(check(talk.ends[1].side.texts, talk.count), "");
  }
}

TEST(ExactlyOnce, WithoutAnAcknowledgementThereIsNoEnd) {
  Talk talk(seed(), 1000, false, Fault::unacknowledged);
  EXPECT_FALSE(talk.run(100, 50'000));
  EXPECT_FALSE(talk.ends[1].side.conversation.bye_acknowledged());
}

TEST(ExactlyOnce, ARecordThatIsMissingOnTheWayIsAGap) {
  Talk talk(seed(), 1000, false, Fault::skipped_record);
  EXPECT_FALSE(talk.run(1'000'000));
  ASSERT_TRUE(talk.planted);
  EXPECT_TRUE(talk.ends[0].side.error == Errc::gap || talk.ends[1].side.error == Errc::gap);
}

}  // namespace
}  // namespace parley::chat
