#include "cli-client/engine/partner_stream.h"

#include <span>
#include <utility>

#include "protocol/chat/psk.h"

namespace parley::client {

using chat::InnerTls;

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
  running_ = false;
  conversing_ = false;
}

std::error_code PartnerStream::receive(ByteView bytes, TimePoint now) {
  if (!running_) return {};
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
