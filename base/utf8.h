#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace parley {

// One character at the front of a text.
struct Utf8Char {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing over 10FFFF)
};

// `text` must not be empty.
Utf8Char first_char(std::string_view text);

bool is_utf8(std::string_view text);

// The front of a text that is UTF-8, or as much of it as is, in at most so many bytes and cut between characters.
std::string cut_utf8(std::string text, std::size_t max_bytes);

// Where to cut before `at`, or there: moved back to where a character begins, if it would divide one. 0 to text.size().
std::size_t utf8_boundary(std::string_view text, std::size_t at);

// Of such a character nothing is seen but, perhaps, that what is around it is moved or reads otherwise. Joiners (200c,
// 200d) are none, as scripts and emoji need them.
bool is_unseen(char32_t code);

// `code` must be one that UTF-8 has.
void append_utf8(std::string& to, char32_t code);

}  // namespace parley
