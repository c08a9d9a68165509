#pragma once

#include <string>
#include <string_view>

#include "cli-client/terminal/display.h"

namespace parley::client {

// Messages as lines on standard output, news on standard error: for pipes and scripts.
class PlainDisplay : public Display {
 public:
  // raw: messages as they came, control characters and all.
  explicit PlainDisplay(bool raw) : raw_(raw) {}

  bool message(std::string_view text) override;
  // As message(), but a text of several lines is shown as these.
  bool lines(std::string_view text);
  void status(std::string_view text) override;
  void signal(int) override {}

  // errno of the failed write to standard output; 0: none failed.
  int error() const { return error_; }

 private:
  bool print(std::string line);

  const bool raw_;
  int error_ = 0;
};

}  // namespace parley::client
