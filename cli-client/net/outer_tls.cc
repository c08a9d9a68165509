#include "cli-client/net/outer_tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <new>
#include <utility>

#include "cli-client/base/escape.h"
#include "cli-client/net/port_hint.h"

namespace parley::client {
namespace {

using Kind = ConnectionFault::Kind;

constexpr std::size_t kPlaintextReadBytes = std::size_t{16} * 1024;

// The names and addresses a certificate is for, as OpenSSL prints them: they are the relay's words.
std::string names_of(X509* certificate) {
  const int index = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (index < 0) return "no name";
  const BioPtr text(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(text.get(), X509_get_ext(certificate, index), 0, 0);
  char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  const std::string names(data, static_cast<std::size_t>(std::clamp<long>(length, 0, 200)));
  return escape(names);
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  char text[32] = "?";
  if (ASN1_TIME_to_tm(time, &parts) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

std::optional<std::time_t> expiry_of(X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return ::timegm(&parts);
}

ConnectionFault why_untrusted(int result, X509* certificate, const Pin& pin, const Trust& trust,
                              const std::string& relay) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {Kind::untrusted, "the certificate of " + relay + " expired on " +
                                   date_of(X509_get0_notAfter(certificate)) + "; its operator must renew it"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Kind::untrusted, "the certificate of " + relay + " is not valid before " +
                                   date_of(X509_get0_notBefore(certificate)) + "; is this machine's clock right?"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Kind::untrusted, "the certificate of " + relay + " is for other names (" + names_of(certificate) +
                                   "); connect by one of them"};
    default:
      // Whose word counts has been named: there is nothing to ask about.
      if (trust.authorities() == Trust::By::given_authorities) {
        return {Kind::untrusted, "the authorities of --ca do not vouch for the certificate of " + relay + " (" +
                                     X509_verify_cert_error_string(result) +
                                     "); give the file that its operator names, or --pin " + pin_text(pin) +
                                     " once its operator has told you that it is right"};
      }
      if (!trust.finds_authorities()) {
        return {Kind::untrusted,
                "nobody vouches for the certificate of " + relay +
                    ", as this system has no list of authorities: install its package ca-certificates, set " +
                    "SSL_CERT_FILE, give --ca FILE, or, once its operator has told you that it is right, --pin " +
                    pin_text(pin),
                pin};
      }
      return {Kind::untrusted,
              "nobody known here vouches for the certificate of " + relay + " (" +
                  X509_verify_cert_error_string(result) +
                  "); give --ca FILE, or, once its operator has told you that it is right, --pin " + pin_text(pin),
              pin};
  }
}

}  // namespace

OuterTls::OuterTls(const Endpoint& relay, const Trust& trust, std::string where)
    : relay_(relay),
      trust_(trust),
      where_(std::move(where)),
      ssl_(SSL_new(trust.context())),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())) {
  if (!ssl_ || in_ == nullptr || out_ == nullptr) throw std::bad_alloc();
  BIO_set_mem_eof_return(in_, -1);  // an empty input is "wait", not the end
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_connect_state(ssl_.get());
  SSL_set_app_data(ssl_.get(), this);
  SSL_CTX_set_cert_verify_callback(trust.context(), on_certificate, nullptr);
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
  // As browsers do: names are those of subjectAltName, and a wildcard is a whole label (RFC 9525 section 6.3).
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const std::string name = relay.tls_name();
  if (relay.is_address()) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
    SSL_set1_host(ssl_.get(), name.c_str());
  }
  ERR_clear_error();
  (void)SSL_do_handshake(ssl_.get());  // writes the ClientHello, and waits
}

tl::expected<void, ConnectionFault> OuterTls::receive(ByteView bytes, Bytes& plaintext) {
  if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  if (!open_) {
    if (auto done = handshake(); !done) return done;
  }
  while (open_ && !closed_) {
    const std::size_t size = plaintext.size();
    plaintext.resize(size + kPlaintextReadBytes);
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), plaintext.data() + size, kPlaintextReadBytes, &got);
    plaintext.resize(size + got);
    if (result == 1) continue;
    const int why = SSL_get_error(ssl_.get(), result);
    if (why == SSL_ERROR_WANT_READ) break;
    if (why != SSL_ERROR_ZERO_RETURN) {
      return tl::unexpected(why_stream_failed());
    }
    closed_ = true;
  }
  return {};
}

tl::expected<void, ConnectionFault> OuterTls::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return check_protocol();
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return {};
  return tl::unexpected(fault_ ? std::move(*fault_) : why_handshake_failed());
}

ConnectionFault OuterTls::why_handshake_failed() const {
  const auto error = ERR_peek_error();
  switch (ERR_GET_REASON(error)) {
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return {Kind::no_relay, where_ + " speaks TLS, but not relay/1; " + port_hint(relay_)};
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
      return {Kind::no_relay, where_ + " does not speak TLS, so it is no relay/1; " + port_hint(relay_)};
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return {Kind::no_relay, where_ + " does not speak TLS 1.3; " + port_hint(relay_)};
    default:
      const char* reason = ERR_reason_error_string(error);
      return {Kind::no_relay, "no TLS connection with " + where_ + ": " +
                                  (reason != nullptr ? reason : "it broke off") + "; " + port_hint(relay_)};
  }
}

// In TLS 1.3 a relay judges the client's certificate only when the client takes the handshake for done.
ConnectionFault OuterTls::why_stream_failed() const {
  const auto bad_certificate = [this](const char* what) {
    return ConnectionFault{Kind::refused, relay_.text() + " does not take the certificate of --client-cert: " + what +
                                              "; ask its operator for another"};
  };
  switch (ERR_GET_REASON(ERR_peek_error())) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return {Kind::refused, relay_.text() +
                                 " takes only clients with a certificate; ask its operator for one, and "
                                 "give it with --client-cert and --client-key"};
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return bad_certificate("it does not know who issued it");
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return bad_certificate("it has expired, or is not valid yet");
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
      return bad_certificate("it is not one for clients, or not in order");
    default:
      return {Kind::lost, "the connection to " + relay_.text() + " was damaged"};
  }
}

// For OpenSSL, in the middle of the handshake: a relay that is not the right one is shown nothing, our own certificate
// least of all.
int OuterTls::on_certificate(X509_STORE_CTX* chain, void*) {
  const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& self = *static_cast<OuterTls*>(SSL_get_app_data(ssl));
  (void)X509_verify_cert(chain);  // leaves its result in the chain; a pin may overrule it
  self.fault_ = self.judge(X509_STORE_CTX_get0_cert(chain), X509_STORE_CTX_get_error(chain));
  return self.fault_ ? 0 : 1;
}

std::optional<ConnectionFault> OuterTls::judge(X509* certificate, int result) {
  const auto pin = pin_of(certificate);
  if (!pin) return ConnectionFault{Kind::no_relay, where_ + " showed no usable certificate"};
  pin_ = *pin;
  certificate_expires_ = expiry_of(certificate);
  if (trust_.pin()) {
    trusted_by_ = Trust::By::pin;
    if (pin_ == *trust_.pin()) return std::nullopt;
    const std::string of = trust_.pin_origin().empty() ? "" : " of " + trust_.pin_origin();
    return ConnectionFault{Kind::wrong_pin,
                           "the relay " + where_ + " is not the one that the pin" + of + " names: its own is " +
                               pin_text(pin_) +
                               "; somebody may be in between, or it has a new key: ask for the new pin or invite"};
  }
  trusted_by_ = trust_.authorities();
  if (result == X509_V_OK) return std::nullopt;
  if (!trust_.remembered()) return why_untrusted(result, certificate, pin_, trust_, where_);
  trusted_by_ = Trust::By::remembered;
  const Trust::Remembered& known = *trust_.remembered();
  if (known.pin == pin_) return std::nullopt;
  return ConnectionFault{
      Kind::wrong_pin, "the key of the relay " + where_ + " has changed from " + pin_text(known.pin) + " to " +
                           pin_text(pin_) + ": somebody may be in between; if its operator says that this is right, " +
                           "remove line " + std::to_string(known.line) + " of " + known.path};
}

tl::expected<void, ConnectionFault> OuterTls::check_protocol() {
  const unsigned char* alpn = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &length);
  if (length == 0) {
    return tl::unexpected(
        ConnectionFault{Kind::no_relay, where_ + " speaks TLS, but not relay/1; " + port_hint(relay_)});
  }
  open_ = true;
  return {};
}

void OuterTls::send(ByteView plaintext) {
  ERR_clear_error();
  std::size_t written = 0;
  // Into memory: it is all taken, and fails only when the connection has failed before.
  if (plaintext.empty()) return;
  key_limit_.count(ssl_.get(), plaintext.size(), SSL3_RT_MAX_PLAIN_LENGTH);
  (void)SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
}

void OuterTls::close() {
  ERR_clear_error();
  if (open_) (void)SSL_shutdown(ssl_.get());
}

std::size_t OuterTls::pending_output() const { return BIO_ctrl_pending(out_); }

std::size_t OuterTls::read_output(std::span<std::byte> to) {
  const int got = BIO_read(out_, to.data(), static_cast<int>(std::min<std::size_t>(to.size(), 1 << 30)));
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

}  // namespace parley::client
