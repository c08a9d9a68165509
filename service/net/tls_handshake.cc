#include "service/net/tls_handshake.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/big_endian.h"
#include "base/hex.h"

namespace parley {

namespace {

// Alert (RFC 8446 section 6) in a record of its own: fatal, decode_error.
constexpr std::array<std::byte, 7> kTooLong{std::byte{21}, std::byte{3}, std::byte{3}, std::byte{0},
                                            std::byte{2},  std::byte{2}, std::byte{50}};

int owner_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::optional<TrafficSecret> secret_from_hex(std::string_view hex) {
  std::array<std::byte, TrafficSecret::kMaxBytes> bytes{};
  if (hex.size() / 2 > bytes.size()) return std::nullopt;
  const std::span<std::byte> filled = std::span(bytes).first(hex.size() / 2);
  if (!from_hex(hex, filled)) return std::nullopt;
  TrafficSecret secret{filled};
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return secret;
}

std::uint64_t count_records(std::span<const std::byte> bytes) {
  std::uint64_t count = 0;
  while (bytes.size() >= kRecordHeaderBytes) {
    const std::size_t length = read_number(bytes.subspan(3, 2));
    if (bytes.size() < kRecordHeaderBytes + length) break;
    bytes = bytes.subspan(kRecordHeaderBytes + length);
    ++count;
  }
  return count;
}

std::vector<std::byte> drain(BIO* bio) {
  std::vector<std::byte> bytes(BIO_ctrl_pending(bio));
  if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace

void TlsHandshake::Free::operator()(SSL* ssl) const { SSL_free(ssl); }

void TlsHandshake::prepare(SSL_CTX* context) { SSL_CTX_set_keylog_callback(context, &TlsHandshake::note_secret); }

// In the format of key log files: label, client random, secret.
void TlsHandshake::note_secret(const SSL* ssl, const char* line) {
  auto* const self = static_cast<TlsHandshake*>(SSL_get_ex_data(ssl, owner_index()));
  const std::string_view text(line);
  const std::string_view label = text.substr(0, text.find(' '));
  TrafficSecret* const wanted = label == "CLIENT_TRAFFIC_SECRET_0"   ? &self->client_secret_
                                : label == "SERVER_TRAFFIC_SECRET_0" ? &self->server_secret_
                                                                     : nullptr;
  if (wanted == nullptr) return;
  if (const auto secret = secret_from_hex(text.substr(text.rfind(' ') + 1))) *wanted = *secret;
}

TlsHandshake::TlsHandshake(const TlsContext& context)
    : ssl_(SSL_new(context.native())), received_(BIO_new(BIO_s_mem())), to_send_(BIO_new(BIO_s_mem())) {
  if (ssl_ == nullptr || received_ == nullptr || to_send_ == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_.get(), received_, to_send_);
  SSL_set_ex_data(ssl_.get(), owner_index(), this);
  SSL_set_accept_state(ssl_.get());
}

TlsHandshake::Status TlsHandshake::advance(std::span<const std::byte> received, std::vector<std::byte>& out) {
  if (!hello_bound_.take(received)) {
    out.assign(kTooLong.begin(), kTooLong.end());
    return Status::failed;
  }
  if (!received.empty()) BIO_write(received_, received.data(), static_cast<int>(received.size()));
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  out = drain(to_send_);
  if (error == SSL_ERROR_WANT_READ) return Status::need_more;
  if (error != SSL_ERROR_NONE) return Status::failed;
  // The client's Finished has been taken in this call, so what it gave to send went out under the application keys.
  sent_records_ = count_records(out);
  suite_ =
      find_cipher_suite(static_cast<std::uint16_t>(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl_.get()))));
  const bool usable = suite_ != nullptr && !client_secret_.bytes().empty() && !server_secret_.bytes().empty() &&
                      SSL_has_pending(ssl_.get()) == 0;
  return usable ? Status::done : Status::failed;
}

TlsHandshake::Agreed TlsHandshake::take() {
  return {RecordKeys(*suite_, client_secret_, 0), RecordKeys(*suite_, server_secret_, sent_records_), drain(received_)};
}

}  // namespace parley
