#include "cli-client/terminal/qr_code.h"

#include <openssl/crypto.h>
#include <qrencode.h>

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

}  // namespace parley::client
