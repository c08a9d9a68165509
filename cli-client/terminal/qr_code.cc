#include "cli-client/terminal/qr_code.h"

#include <openssl/crypto.h>
#include <qrencode.h>

#include <algorithm>
#include <memory>

namespace parley::client {
namespace {

// The standard asks for four modules of margin; phones do with two.
constexpr int kMargin = 2;

}  // namespace

std::string qr_code(std::string_view text) {
  std::string terminated(text);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(terminated.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), &QRcode_free);
  OPENSSL_cleanse(terminated.data(), terminated.size());
  if (!code) return {};
  const auto is_dark = [&](int row, int column) {
    const bool inside = row >= 0 && column >= 0 && row < code->width && column < code->width;
    return inside && (code->data[row * code->width + column] & 1) != 0;
  };
  std::string out;
  for (int row = -kMargin; row < code->width + kMargin; row += 2) {
    out += "\033[30;107m";
    for (int column = -kMargin; column < code->width + kMargin; ++column) {
      const bool upper = is_dark(row, column);
      const bool lower = is_dark(row + 1, column);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += "\033[0m\n";
  }
  return out;
}

std::string qr_code_for(const Screen& screen, std::string_view text, std::size_t lines_below) {
  std::string code = qr_code(text);
  if (!screen.is_terminal() || code.empty()) return code;
  const auto lines = static_cast<std::size_t>(std::ranges::count(code, '\n'));
  const std::size_t columns = 2 * lines - 1;  // it is square, and has an odd number of modules
  const auto has = [](std::size_t needs, std::size_t there, const char* what) {
    return "needs " + std::to_string(needs) + what + ", and this window has " + std::to_string(there);
  };
  if (columns > screen.columns()) {
    OPENSSL_cleanse(code.data(), code.size());
    return "(the QR code is left out: it " + has(columns, screen.columns(), " columns") + ")\n";
  }
  if (lines + lines_below > screen.rows()) {
    code += "(the QR code " + has(lines + lines_below, screen.rows(), " lines") + ": make it taller)\n";
  }
  return code;
}

}  // namespace parley::client
