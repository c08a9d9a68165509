#include "cli-client/terminal/keyboard.h"

#include <algorithm>
#include <cwchar>
#include <cwctype>

namespace parley::client {
namespace {

constexpr std::string_view kPasteBegins = "\033[200~";
constexpr std::string_view kPasteEnds = "\033[201~";

bool may_be_pasted(wchar_t c) {
  return c == L'\t' || c == L'\n' || c == L'\r' || std::iswcntrl(static_cast<std::wint_t>(c)) == 0;
}

}  // namespace

std::optional<wchar_t> Keyboard::next() {
  for (;;) {
    while (take_mark()) {
    }
    // Nothing, or the rest of a mark is still to come. Where it is only Escape, libedit would wait for what follows
    // too.
    if (kPasteBegins.starts_with(bytes_) || kPasteEnds.starts_with(bytes_)) return std::nullopt;
    wchar_t c = 0;
    std::mbstate_t state{};
    const std::size_t count = std::mbrtowc(&c, bytes_.data(), bytes_.size(), &state);
    if (count == static_cast<std::size_t>(-2)) return std::nullopt;
    // A byte that begins no character is skipped.
    const bool valid = count != static_cast<std::size_t>(-1);
    bytes_.erase(0, valid ? std::max<std::size_t>(count, 1) : 1);
    if (valid && (!pasting_ || may_be_pasted(c))) return c;
  }
}

bool Keyboard::take_mark() {
  const bool begins = bytes_.starts_with(kPasteBegins);
  if (!begins && !bytes_.starts_with(kPasteEnds)) return false;
  bytes_.erase(0, kPasteBegins.size());
  pasting_ = begins;
  return true;
}

}  // namespace parley::client
