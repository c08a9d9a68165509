#include "protocol/chat/pasted_invite.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/trim.h"
#include "base/utf8.h"
#include "protocol/chat/psk.h"

namespace parley::chat {
namespace {

constexpr std::string_view kBeginning = "parley://";
// Round an invite or behind it, and never its last character. White space is ' ', quotes are '"' by then.
constexpr std::string_view kDecoration = " \"'`<>()[]{}.,;!?*\\|";

struct Range {
  char32_t first, last;
  char stands_for;  // '\0': nothing
};
constexpr Range kPlainRanges[] = {
    {'\t', '\r', ' '},      {0x85, 0x85, ' '},      {0xa0, 0xa0, ' '},       // no-break
    {0xab, 0xab, '"'},      {0xad, 0xad, '\0'},     {0xbb, 0xbb, '"'},       // soft hyphen
    {0x34f, 0x34f, '\0'},   {0x61c, 0x61c, '\0'},   {0x1680, 0x1680, ' '},   //
    {0x180e, 0x180e, '\0'}, {0x2000, 0x200a, ' '},  {0x200b, 0x200f, '\0'},  // zero-width, marks of direction
    {0x2010, 0x2011, '-'},  {0x2018, 0x201f, '"'},  {0x2026, 0x2026, '.'},   // hyphens, typographic quotes
    {0x2028, 0x2029, ' '},  {0x202a, 0x202e, '\0'}, {0x202f, 0x202f, ' '},   // separators, embeddings
    {0x2039, 0x203a, '"'},  {0x205f, 0x205f, ' '},  {0x2060, 0x206f, '\0'},  // word joiner, isolates
    {0x3000, 0x3000, ' '},  {0x3001, 0x3002, '.'},  {0x300c, 0x300f, '"'},   // CJK's
    {0xfe00, 0xfe0f, '\0'}, {0xfeff, 0xfeff, '\0'},                          // byte order mark
};

const Range* plain_range(char32_t code) {
  const auto* range =
      std::ranges::find_if(kPlainRanges, [code](const Range& r) { return code >= r.first && code <= r.last; });
  return range == std::end(kPlainRanges) ? nullptr : range;
}

enum class Encoding { utf8, utf16_little, utf16_big };

// By the byte order mark, or as the first character of an invite is of ASCII.
Encoding encoding_of(std::string_view text) {
  if (text.size() < 2) return Encoding::utf8;
  if (text.starts_with("\xff\xfe") || (text[0] != 0 && text[1] == 0)) return Encoding::utf16_little;
  if (text.starts_with("\xfe\xff") || (text[0] == 0 && text[1] != 0)) return Encoding::utf16_big;
  return Encoding::utf8;
}

// Takes a character off the front of `text`. Bytes that are no character are given as `byte`, half a one as nothing.
struct Taken {
  char32_t code = 0;
  char byte = 0;
  bool is_character = true;
};
Taken take_character(std::string_view& text, Encoding encoding) {
  if (encoding == Encoding::utf8) {
    const Utf8Char character = first_char(text);
    const char byte = text.front();
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
    return {character.code, byte, character.bytes > 0};
  }
  const auto unit = [&text, encoding] {
    const auto first = static_cast<unsigned char>(text[0]);
    const auto second = static_cast<unsigned char>(text[1]);
    text.remove_prefix(2);
    return encoding == Encoding::utf16_little ? char32_t(first | second << 8U) : char32_t(first << 8U | second);
  };
  constexpr char32_t kReplacement = 0xfffd;
  const char32_t high = unit();
  if (high < 0xd800 || high > 0xdfff) return {.code = high};
  if (high > 0xdbff || text.size() < 2) return {.code = kReplacement};
  const char32_t low = unit();
  if (low < 0xdc00 || low > 0xdfff) return {.code = kReplacement};
  return {.code = 0x10000 + ((high - 0xd800) << 10U) + (low - 0xdc00)};
}

// White space as one blank, marks of quoting at the beginning of lines too; nothing that has no width, and '"' for
// whatever quotes.
SecretText plain_text(std::string_view pasted) {
  SecretText plain(2 * pasted.size() + 2);  // a unit of UTF-16 may have three bytes in UTF-8
  const Encoding encoding = encoding_of(pasted);
  if (encoding != Encoding::utf8) pasted = pasted.substr(0, pasted.size() / 2 * 2);
  bool line_begins = false;
  bool blank = true;  // the last character, or it is the first
  while (!pasted.empty()) {
    const Taken taken = take_character(pasted, encoding);
    const bool is_line_end = taken.is_character && (taken.code == '\n' || taken.code == '\r');
    const Range* range = taken.is_character ? plain_range(taken.code) : nullptr;
    const bool is_blank =
        taken.is_character && (taken.code == ' ' || (range != nullptr && is_white_space(range->stands_for)));
    line_begins = is_line_end || (line_begins && is_blank) ||
                  (line_begins && taken.is_character && (taken.code == '>' || taken.code == '|'));
    if (is_blank || line_begins) {
      if (!std::exchange(blank, true)) plain.append(" ");
      continue;
    }
    if (range != nullptr && range->stands_for == '\0') continue;
    blank = false;
    std::string bytes;
    if (range != nullptr) {
      bytes = range->stands_for;
    } else if (taken.is_character) {
      append_utf8(bytes, taken.code);
    } else {
      bytes = taken.byte;
    }
    plain.append(bytes);
    wipe(std::span(bytes));
  }
  return plain;
}

// Where `scheme` begins, blanks within it or not; npos: nowhere.
std::size_t find_scheme(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    std::size_t matched = 0;
    for (std::size_t at = begin; at < text.size() && matched < kBeginning.size(); ++at) {
      if (text[at] == ' ' && matched > 0) continue;
      if (to_lower(text[at]) != kBeginning[matched]) break;
      ++matched;
    }
    if (matched == kBeginning.size()) return begin;
  }
  return std::string_view::npos;
}

bool is_of_secret(char c) { return base64url_value(c) >= 0; }

// Behind the secret of an invite at the front of `text`; npos: it is not all there.
std::size_t end_of_secret(std::string_view text) {
  std::size_t at = text.find('#');
  if (at == std::string_view::npos) return at;
  std::size_t left = base64url_length(kSecretBytes);
  for (++at; at < text.size() && left > 0; ++at) {
    if (text[at] == ' ') continue;
    if (!is_of_secret(text[at])) return std::string_view::npos;
    --left;
  }
  if (left > 0) return std::string_view::npos;
  // One that has too many, to be refused.
  while (at < text.size() && is_of_secret(text[at])) ++at;
  return at;
}

void append_without_blanks(SecretText& to, std::string_view text) {
  for (const char& c : text) {
    if (c != ' ') to.append({&c, 1});
  }
}

}  // namespace

PastedInvite::PastedInvite(std::string_view pasted) : invite_(2 * kMaxPastedBytes), behind_(2 * kMaxPastedBytes) {
  const SecretText plain = plain_text(pasted.substr(0, kMaxPastedBytes));
  std::string_view text = plain.reveal();
  const std::size_t begin = find_scheme(text);
  if (begin == std::string_view::npos) {
    empty_ = trim(text, kDecoration).empty();
    return;
  }
  text.remove_prefix(begin);
  const std::size_t end = end_of_secret(text);
  whole_ = end != std::string_view::npos;
  append_without_blanks(invite_, trim(text.substr(0, end), kDecoration));
  if (whole_) append_without_blanks(behind_, trim(text.substr(end), kDecoration));
}

}  // namespace parley::chat
