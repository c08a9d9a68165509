#include "cli-client/terminal/plain_display.h"

#include <openssl/crypto.h>

#include <cstdio>
#include <string>

#include "cli-client/base/escape.h"
#include "cli-client/base/standard_output.h"

namespace parley::client {

bool PlainDisplay::message(std::string_view text) { return print(raw_ ? std::string(text) : escape(text)); }
bool PlainDisplay::lines(std::string_view text) { return print(raw_ ? std::string(text) : escape_lines(text)); }

bool PlainDisplay::print(std::string line) {
  line += '\n';
  if (error_ == 0) error_ = write_out(line);
  OPENSSL_cleanse(line.data(), line.size());
  return error_ == 0;
}

void PlainDisplay::status(std::string_view text) {
  std::fprintf(stderr, "parley: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace parley::client
