#include "cli-client/terminal/keyboard.h"

#include <algorithm>
#include <array>
#include <cwchar>
#include <cwctype>
#include <utility>

namespace parley::client {
namespace {

constexpr std::string_view kPasteBegins = "\033[200~";
constexpr std::string_view kPasteEnds = "\033[201~";
// Alt-Enter, and Shift-Enter and Alt-Enter of terminals that tell such keys apart: by xterm's modifyOtherKeys, and by
// "CSI u".
constexpr std::array<std::string_view, 6> kLineFeeds = {"\033\r",        "\033\n",     "\033[27;2;13~",
                                                        "\033[27;3;13~", "\033[13;2u", "\033[13;3u"};

bool may_become_known(std::string_view bytes) {
  return kPasteBegins.starts_with(bytes) || kPasteEnds.starts_with(bytes) ||
         std::ranges::any_of(kLineFeeds, [bytes](std::string_view one) { return one.starts_with(bytes); });
}

bool may_be_pasted(wchar_t c) { return c == L'\t' || std::iswcntrl(static_cast<std::wint_t>(c)) == 0; }

}  // namespace

// nullopt: bytes are missing, or there are none. kText: a byte that begins no character, and is skipped.
std::optional<wchar_t> Keyboard::take_character() {
  wchar_t c = 0;
  std::mbstate_t state{};
  const std::size_t count = std::mbrtowc(&c, bytes_.data(), bytes_.size(), &state);
  if (bytes_.empty() || count == static_cast<std::size_t>(-2)) return std::nullopt;
  const bool valid = count != static_cast<std::size_t>(-1);
  bytes_.erase(0, valid ? std::max<std::size_t>(count, 1) : 1);
  return valid ? c : kText;
}

// Alt-Enter's bytes come at once: an Escape that has waited for them was a key, as in vi's mode, and Enter is another.
void Keyboard::feed(std::string_view bytes) {
  if (bytes_ == "\033" && !pasting_ && (bytes.starts_with('\r') || bytes.starts_with('\n'))) escape_typed_ = true;
  bytes_ += bytes;
}

std::optional<wchar_t> Keyboard::next() {
  if (std::exchange(escape_typed_, false)) return take_character();
  for (;;) {
    while (take_mark()) {
    }
    if (pasting_) {
      take_pasted();
    } else if (take_line_feed()) {
      text_ = L"\n";
    }
    if (!text_.empty()) return kText;
    if (pasting_) {
      if (kPasteEnds == bytes_.substr(0, kPasteEnds.size())) continue;
      return std::nullopt;
    }
    // Nothing, or the rest is still to come. Where it is only Escape, libedit would wait for what follows too.
    if (may_become_known(bytes_)) return std::nullopt;
    const auto c = take_character();
    if (!c) return std::nullopt;
    if (*c != kText) return c;
  }
}

// As much of it as there is.
void Keyboard::take_pasted() {
  std::size_t taken = 0;  // erased at the end: a paste may be long
  const std::string_view all = bytes_;
  while (taken < all.size()) {
    const std::string_view rest = all.substr(taken);
    if (kPasteEnds.starts_with(rest.substr(0, kPasteEnds.size()))) break;
    wchar_t c = 0;
    std::mbstate_t state{};
    const std::size_t count = std::mbrtowc(&c, rest.data(), rest.size(), &state);
    if (count == static_cast<std::size_t>(-2)) break;
    const bool valid = count != static_cast<std::size_t>(-1);
    taken += valid ? std::max<std::size_t>(count, 1) : 1;
    if (!valid) continue;
    const bool ends_line = c == L'\r' || (c == L'\n' && !behind_return_);
    behind_return_ = c == L'\r';
    if (ends_line) {
      text_ += L'\n';
    } else if (may_be_pasted(c)) {
      text_ += c;
    }
  }
  bytes_.erase(0, taken);
}

std::wstring Keyboard::take_text() { return std::exchange(text_, {}); }

bool Keyboard::take_mark() {
  const bool begins = bytes_.starts_with(kPasteBegins);
  if (!begins && !bytes_.starts_with(kPasteEnds)) return false;
  bytes_.erase(0, kPasteBegins.size());
  pasting_ = begins;
  behind_return_ = false;
  return true;
}

bool Keyboard::take_line_feed() {
  for (const std::string_view sequence : kLineFeeds) {
    if (!bytes_.starts_with(sequence)) continue;
    bytes_.erase(0, sequence.size());
    return true;
  }
  return false;
}

}  // namespace parley::client
