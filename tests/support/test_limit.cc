// What waits for ever fails, and is named: each unit test has a limit.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

namespace parley::test {
namespace {

constexpr unsigned kLimitSeconds = 300;  // ten times what the slowest takes under a sanitizer on a busy machine

std::array<char, 512> report;  // filled before the signal may come: its handler can make no text
std::size_t report_bytes = 0;

void over(int) {
  (void)!::write(STDOUT_FILENO, report.data(), report_bytes);
  ::_exit(1);
}

class Limit : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    const std::string text = std::string("[  FAILED  ] ") + test.test_suite_name() + "." + test.name() +
                             ": not done within " + std::to_string(kLimitSeconds) + " s\n";
    report_bytes = std::min(text.size(), report.size());
    std::copy_n(text.data(), report_bytes, report.data());
    std::signal(SIGALRM, over);
    ::alarm(kLimitSeconds);
  }
  void OnTestEnd(const testing::TestInfo&) override { ::alarm(0); }
};

// Before main(), which is GoogleTest's own.
[[maybe_unused]] const bool kIsSet = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Limit);
  return true;
}();

}  // namespace
}  // namespace parley::test
