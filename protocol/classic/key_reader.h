#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace parley::classic {

// A key on the wire, END line included, is at most this long. An 8192-bit key is 1.5 KB.
constexpr std::size_t kMaxKeyBytes = 4096;

// Takes a PEM key off the front of a byte stream that has no framing, however it was cut into segments.
// The key ends with "-----END RSA PUBLIC KEY-----"; a line end (LF or CR LF) after it belongs to the key
// also when it comes in a later segment; all that follows belongs to the first message.
// White space before BEGIN is dropped. Bytes that cannot become a key complete it at once with an empty text,
// so that a stranger (an HTTP request, a port scan) is refused by PublicKey::from_pem() and not by the deadline.
// See docs/classic-protocol.md, "The keys".
class KeyReader {
 public:
  enum class Status { need_more, complete, too_long };

  // Takes bytes up to the END line; returns how many were taken (all of them unless the key is complete; none
  // when it already was).
  std::size_t feed(std::span<const std::byte> bytes);

  Status status() const { return status_; }
  // The key's text, BEGIN to END line without the line end. Valid when complete, until release().
  std::string_view pem() const { return text_; }
  // Gives the text's memory back once the key has been read.
  void release();

  // How many bytes at the front of `bytes`, the first that followed the END line, are its line end (0 to 2).
  // `bytes` must hold at least two bytes, or one that is not CR.
  static std::size_t line_end_bytes(std::span<const std::byte> bytes);

 private:
  bool begins_as_key() const;

  std::string text_;
  std::size_t taken_ = 0;
  Status status_ = Status::need_more;
};

}  // namespace parley::classic
