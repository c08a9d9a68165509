#include "cli-client/engine/partner_stream.h"

#include <array>
#include <span>
#include <utility>

#include "protocol/chat/errc.h"
#include "protocol/chat/psk.h"
#include "protocol/chat/record.h"

namespace parley::client {

using chat::InnerTls;

namespace {

// Types of a TLS record (RFC 8446 section 5.1), which no record of chat/1 begins with.
constexpr std::byte kTlsAlert{21};
constexpr std::byte kTlsHandshake{22};
// A record with the alert unexpected_message: what an end of the inner TLS says to who speaks in clear.
constexpr std::array<std::byte, 7> kUnexpectedMessage{kTlsAlert,    std::byte{3}, std::byte{3}, std::byte{0},
                                                      std::byte{2}, std::byte{2}, std::byte{10}};

}  // namespace

PartnerStream::~PartnerStream() { wipe(std::span(plaintext_)); }

void PartnerStream::start(relay::Role role) {
  stop();
  running_ = true;
  if (key_) {
    using Role = InnerTls::Role;
    inner_ = std::make_unique<InnerTls>(role == relay::Role::first ? Role::first : Role::second, *key_);
  } else {
    conversation_.start_stream();
  }
}

void PartnerStream::stop() {
  conversation_.stop_stream();
  inner_.reset();
  running_ = conversing_ = heard_ = told_ = false;
}

// One side with an invite and one without are in the same room, or the relay has changed the first byte.
std::error_code PartnerStream::judge_first(std::byte first) const {
  if (inner_ && first == static_cast<std::byte>(chat::Type::hello)) return chat::Errc::in_clear;
  if (!inner_ && (first == kTlsHandshake || first == kTlsAlert)) return chat::Errc::in_secret;
  return {};
}

std::error_code PartnerStream::receive(ByteView bytes, TimePoint now) {
  if (!running_ || told_) return {};
  if (!bytes.empty() && !std::exchange(heard_, true)) {
    if (const auto error = judge_first(bytes.front())) {
      told_ = inner_ != nullptr;
      return error;
    }
  }
  if (!inner_) return conversation_.receive(bytes, now);
  plaintext_.clear();
  const auto inner_error = inner_->receive(bytes, plaintext_);
  const bool opened = inner_->state() == InnerTls::State::open || inner_->state() == InnerTls::State::closed;
  if (opened && !std::exchange(conversing_, true)) conversation_.start_stream();
  const auto error = conversation_.receive(plaintext_, now);
  wipe(std::span(plaintext_));
  return error ? error : inner_error;
}

void PartnerStream::write(Bytes& out, std::size_t limit, TimePoint now) {
  if (!running_) return;
  if (!inner_) return conversation_.write(out, limit, now);
  if (told_) {
    out.insert(out.end(), kUnexpectedMessage.begin(), kUnexpectedMessage.end());
    return stop();
  }
  if (inner_is_open()) {
    Bytes plaintext;
    conversation_.write(plaintext, limit, now);
    inner_->send(plaintext);
    wipe(std::span(plaintext));
  }
  const std::size_t begin = out.size();
  out.resize(begin + inner_->pending_output());
  out.resize(begin + inner_->read_output(std::span(out).subspan(begin)));
}

void PartnerStream::close() {
  if (inner_is_open()) inner_->close();
}

std::string PartnerStream::verify_text() const {
  return inner_is_open() ? chat::verify_text(inner_->verify_bytes()) : std::string();
}

}  // namespace parley::client
