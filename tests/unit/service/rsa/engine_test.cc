#include "service/rsa/engine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/unit/service/rsa/blocks.h"

namespace parley::rsa {
namespace {

TEST(OpensslEngine, OpensGoodBlocksAndHidesBadOnes) {
  const auto engine = make_engine("off");
  EXPECT_EQ(engine->name(), "openssl");
  EXPECT_EQ(engine->batch(), 1U);
  const auto cases = cases_for(key(0));
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::vector<Block> block{{&key(0), &c}};
    const Opened opened = open_all(*engine, block).at(0);
    EXPECT_EQ(opened.in_range, c.in_range);
    if (!c.message.empty() || c.name == "empty" || !c.in_range) {
      EXPECT_EQ(opened.message, c.message);
    } else {
      EXPECT_NE(opened.message, "attack at dawn");
      EXPECT_EQ(opened, open_all(*engine, block).at(0)) << "the same block yields the same message";
    }
  }
}

TEST(MakeEngine, AlwaysFindsOneByItself) {
  const auto engine = make_engine("auto");
  EXPECT_TRUE(engine->name() == "openssl" || engine->name() == "crypto_mb");
  if (engine->name() == "openssl") {
    EXPECT_NE(engine->detail().find("without crypto_mb: "), std::string::npos) << engine->detail();
  }
}

TEST(MakeEngine, ALibraryThatCannotBeUsedIsAnErrorThatSaysHowToMendIt) {
  const auto not_a_library = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  for (const std::string& path :
       {std::string("/nowhere/libcrypto_mb.so.11"), not_a_library, std::string("libc.so.6")}) {
    try {
      make_engine(path);
      ADD_FAILURE() << path;
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(path), std::string::npos) << text;
      EXPECT_NE(text.find("or auto or off"), std::string::npos) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace parley::rsa
