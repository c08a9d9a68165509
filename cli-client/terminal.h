#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "display.h"

namespace parley::client {

// A conversation on a terminal: lines are edited with libedit, and what comes meanwhile is printed above the line
// being typed. History stays in memory only. One at a time; the terminal's modes are restored at its end.
class Terminal : public Display {
 public:
  // `await_key` returns true when standard input has bytes, false when the line is to be given up; it may call the
  // display's functions meanwhile.
  explicit Terminal(std::function<bool()> await_key);
  ~Terminal() override;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // The next line, without its line feed, in UTF-8; nullopt: end of input (Ctrl-D), or given up.
  std::optional<std::string> read_line();

  bool message(std::string_view text) override;
  void status(std::string_view text) override;
  void signal(int number) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley::client
