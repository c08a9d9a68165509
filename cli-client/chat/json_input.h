#pragma once

#include <cstdint>
#include <string>

#include "cli-client/chat/chat.h"
#include "cli-client/chat/json_view.h"

namespace parley::client {

// What a program says to a chat, an event a line: docs/events.schema.json, "input". Both are kept by reference.
class JsonInput {
 public:
  // Of a line: a text of 64 KiB, each byte of it written as \u00XX.
  static constexpr std::size_t kMaxLineBytes = std::size_t{512} * 1024;

  JsonInput(Chat& chat, JsonView& view) : chat_(chat), view_(view) {}

  // Does what it says. What makes no sense is told by the view, and changes nothing.
  void obey(const std::string& line);

 private:
  Chat& chat_;
  JsonView& view_;
  std::uint64_t lines_ = 0;
};

}  // namespace parley::client
