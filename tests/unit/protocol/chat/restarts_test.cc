// Programs that are restarted, and three programs with one invite of which any two may meet: whatever the streams and
// cuts, nobody finds a protocol error, nothing is taken twice by anybody, and whatever a program has said was taken,
// or it was told that this is not certain.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/support/rounds.h"
#include "tests/unit/protocol/chat/two_sides.h"

namespace parley::chat {
namespace {

using namespace std::chrono_literals;

class RestartsTest : public testing::Test {
 protected:
  struct Program {
    explicit Program(unsigned number) : side(number), name(number) {}
    Side side;
    unsigned name;
    std::size_t said = 0;
    std::size_t read = 0;  // of side.texts, by count_taken()
    std::set<std::string> uncertain;
  };

  std::mt19937_64 random{std::random_device()()};
  Conversation::Time now{1h};
  unsigned programs_begun = 0;
  std::map<std::string, int> taken;

  Program begin() { return Program(++programs_begun); }

  void say(Program& program) { program.side.say(std::to_string(program.name) + ":" + std::to_string(++program.said)); }

  void give(Program& to, ByteView wire) {
    ASSERT_FALSE(to.side.conversation.receive(wire, now));
    to.side.take = random() % 4 != 0;
    to.side.drain(now);
    for (; to.read < to.side.texts.size(); ++to.read) {
      ++taken[to.side.texts[to.read]];
    }
    for (Restarted& restarted : to.side.restarted) {
      for (const auto& record : restarted.uncertain) to.uncertain.emplace(as_text(record.body));
    }
    to.side.restarted.clear();
  }

  // One stream between two programs, with a cut after about `steps`; none when that is 0, and then until both are
  // quiet.
  void stream(Program& a, Program& b, int steps) {
    Program* both[] = {&a, &b};
    Bytes wires[2];
    for (Program* program : both) program->side.conversation.start_stream();
    const bool cut = steps > 0;
    for (int quiet = 0; cut ? steps > 0 : quiet < 50; --steps, ++quiet) {
      now += 5ms;
      const auto i = random() % 2;
      both[i]->side.conversation.advance(now);
      if (cut && random() % 3 == 0) say(*both[i]);
      const std::size_t before = wires[i].size();
      if (random() % 2 == 0) both[i]->side.conversation.write(wires[i], 1 + random() % 100, now);
      if (wires[i].size() != before) quiet = 0;
      Bytes& in = wires[1 - i];
      const auto size = static_cast<std::ptrdiff_t>(cut ? random() % (in.size() + 1) : in.size());
      if (size > 0) quiet = 0;
      const Bytes piece(in.begin(), in.begin() + size);
      in.erase(in.begin(), in.begin() + size);
      ASSERT_NO_FATAL_FAILURE(give(*both[i], piece));
    }
    if (!cut) {
      EXPECT_TRUE(a.side.conversation.paired() && b.side.conversation.paired());
      EXPECT_FALSE(a.side.conversation.wants_to_write() || b.side.conversation.wants_to_write());
    }
    for (Program* program : both) program->side.conversation.stop_stream();
  }

  void expect_all_said_is_accounted_for(const Program& program) {
    for (std::size_t i = 1; i <= program.said; ++i) {
      const std::string text = std::to_string(program.name) + ":" + std::to_string(i);
      EXPECT_TRUE(taken.contains(text) || program.uncertain.contains(text)) << text;
    }
  }
};

TEST_F(RestartsTest, OfAnyOfThreePrograms) {
  for (int round = 0; round < test::rounds(300) && !HasFailure(); ++round) {
    const auto seed = random();
    SCOPED_TRACE("seed " + std::to_string(seed));
    random.seed(seed);
    taken.clear();
    std::vector<Program> programs;
    programs.reserve(3);
    for (int i = 0; i < 3; ++i) programs.push_back(begin());
    for (int i = 0; i < 60; ++i) {
      const std::size_t out = random() % 8;  // who is not there; mostly the third
      const std::size_t absent = out < 3 ? out : 2;
      Program& a = programs[absent == 0 ? 1 : 0];
      Program& b = programs[absent == 2 ? 1 : 2];
      ASSERT_NO_FATAL_FAILURE(stream(a, b, 1 + static_cast<int>(random() % 40)));
      if (random() % 15 == 0) programs[random() % 3] = begin();
    }
    ASSERT_NO_FATAL_FAILURE(stream(programs[0], programs[1], 0));
    expect_all_said_is_accounted_for(programs[0]);
    expect_all_said_is_accounted_for(programs[1]);
    for (const auto& [text, times] : taken) {
      EXPECT_EQ(times, 1) << text;
    }
  }
}

}  // namespace
}  // namespace parley::chat
