#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// Whether bytes, in pieces that may divide characters, are text that a terminal only shows: UTF-8 whose only controls
// are tabs and ends of lines (LF, CR LF). Everything else may move the cursor, take back what was shown, or change the
// terminal itself.
class TextCheck {
 public:
  // Whether the next piece goes on so; once it has not, no other does.
  bool takes(std::string_view piece);

 private:
  std::string begun_;  // a character whose rest is in the next piece, or CR
  bool is_text_ = true;
};

}  // namespace parley::client
