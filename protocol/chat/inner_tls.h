#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include "base/bytes.h"
#include "protocol/chat/key_limit.h"
#include "protocol/chat/psk.h"

namespace parley::chat {

constexpr std::size_t kPaddingStep = 256;
// Content of one TLS record; with its header (5), type (1) and tag (16) it fits one DATA of relay/1 (16,380).
constexpr std::size_t kMaxTlsContent = 63 * kPaddingStep;

// TLS 1.3 between two clients that have the same invite, over whatever carries bytes: docs/chat-protocol.md, "The
// inner TLS". Pure: bytes come in and go out. Lives as long as one stream, and is used from one thread.
class InnerTls {
 public:
  enum class Role { first, second };  // TLS server, TLS client
  enum class State {
    handshaking,
    open,    // plaintext may go both ways
    closed,  // the other side has ended the stream
    failed,
  };

  // After so many records its keys are others.
  InnerTls(Role role, const Psk& psk, std::uint64_t records_per_key = KeyLimit::kRecords);
  InnerTls(InnerTls&&) noexcept;
  InnerTls& operator=(InnerTls&&) noexcept;
  ~InnerTls();

  State state() const;

  // Takes what came, in any pieces, and appends the plaintext that it holds. After it there may be output.
  // Errors: wrong_secret, damaged, stream_closed (after the plaintext before it). They stay.
  std::error_code receive(ByteView bytes, Bytes& plaintext);

  // Encrypts; only in State::open. The output grows by what it becomes, padded: callers bound it by pending_output().
  void send(ByteView plaintext);
  // Says that nothing more will come.
  void close();

  // What is to go to the other side.
  std::size_t pending_output() const;
  // Moves the front of it to `to`, and returns how much.
  std::size_t read_output(std::span<std::byte> to);

  // The same at both ends of one stream, and there only: for verify_text(). Only in State::open.
  std::array<std::byte, kVerifyBytes> verify_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley::chat
