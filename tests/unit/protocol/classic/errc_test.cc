#include "protocol/classic/errc.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace parley::classic {
namespace {

TEST(Errc, EachHasAMessageOfItsOwn) {
  std::set<std::string> seen{std::error_code(0, errc_category()).message()};
  for (const auto e :
       {Errc::not_a_key, Errc::key_too_long, Errc::key_out_of_bounds, Errc::message_too_long, Errc::bad_block}) {
    EXPECT_TRUE(seen.insert(std::error_code(e).message()).second);
  }
  EXPECT_STREQ(errc_category().name(), "classic");
}

}  // namespace
}  // namespace parley::classic
