#include "service/net/self_signed.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "base/descriptor.h"
#include "base/errno_text.h"
#include "base/locked_file.h"
#include "base/openssl_ptr.h"

namespace parley {

namespace {

constexpr long kValidSeconds = 10L * 365 * 24 * 3600;
constexpr long kBackdatedSeconds = 24L * 3600;  // for clients whose clocks are behind
constexpr int kSerialBits = 127;
constexpr std::chrono::seconds kLockWithin{10};

bool add_extension(X509* certificate, int name, const char* value) {
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, name, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  const BignumPtr serial(BN_new());
  return serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

X509Ptr sign_for_itself(EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  if (!certificate) return nullptr;
  X509* const x = certificate.get();
  X509_NAME* const name = X509_get_subject_name(x);
  const bool made =
      X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
      X509_gmtime_adj(X509_getm_notBefore(x), -kBackdatedSeconds) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(x), kValidSeconds) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("parley relay"), -1,
                                 -1, 0) == 1 &&
      X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
      add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(x, NID_ext_key_usage, "serverAuth") && X509_sign(x, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

// Whole or not at all: under another name first, so that no start finds half a file.
std::optional<std::string> write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path unfinished = path.string() + ".new";
  const auto fault = [&](int error) {
    ::unlink(unfinished.c_str());
    return path.string() + ": " + errno_text(error) + "; give a directory that parleyd may write to";
  };
  ::unlink(unfinished.c_str());
  const Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return fault(errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0) return fault(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0 || ::rename(unfinished.c_str(), path.c_str()) != 0) return fault(errno);
  return std::nullopt;
}

std::string_view text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

}  // namespace

std::optional<std::string> make_self_signed(const std::filesystem::path& certificate,
                                            const std::filesystem::path& key) {
  std::error_code error;
  std::filesystem::create_directories(key.parent_path(), error);
  if (error) return error.message() + "; give a directory that parleyd may make or write to";
  // Two that start at once would leave the key of one beside the certificate of the other.
  const auto alone = lock_folder(certificate.parent_path().c_str(), kLockWithin, WithoutLocks::go_on);
  if (!alone)
    return errno_text(alone.error()) + "; give a directory that parleyd may read, and that nothing else keeps locked";
  const bool has_certificate = std::filesystem::exists(certificate, error);
  const bool has_key = std::filesystem::exists(key, error);
  if (has_certificate && has_key) return std::nullopt;
  if (has_certificate || has_key)
    return "holds only one of cert.pem and key.pem; put the other back, or remove it to have both made anew";
  const PkeyPtr made(EVP_EC_gen("P-256"));
  const X509Ptr signed_for_itself = made ? sign_for_itself(made.get()) : nullptr;
  const BioPtr key_text(BIO_new(BIO_s_secmem()));
  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  if (!signed_for_itself || !key_text || !certificate_text ||
      PEM_write_bio_PrivateKey(key_text.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_text.get(), signed_for_itself.get()) != 1) {
    return "OpenSSL could not make a key and a certificate";
  }
  if (auto failed = write_file(key, text_of(key_text.get()), S_IRUSR | S_IWUSR)) return failed;
  if (auto failed = write_file(certificate, text_of(certificate_text.get()), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)) {
    ::unlink(key.c_str());
    return failed;
  }
  return std::nullopt;
}

}  // namespace parley
