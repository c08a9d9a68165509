#include "service/net/self_signed.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <chrono>
#include <string_view>

#include "base/errno_text.h"
#include "base/locked_file.h"
#include "base/openssl_ptr.h"
#include "base/pem.h"
#include "base/regular_file.h"
#include "base/whole_file.h"

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

std::string not_written(const std::filesystem::path& path, int error) {
  return path.string() + ": " + errno_text(error) + "; give a directory that parleyd may write to";
}

// If there is one by then, made by whoever was not kept out by the lock, that one stays.
std::optional<std::string> write_first(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const int error = write_whole_file(path, text, mode, IfThere::stays);
  return error == 0 ? std::nullopt : std::optional(not_written(path, error));
}

std::string_view text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

std::optional<std::string> make_key(const std::filesystem::path& path) {
  const PkeyPtr made(EVP_EC_gen("P-256"));
  const BioPtr text(BIO_new(BIO_s_secmem()));
  if (!made || !text || PEM_write_bio_PrivateKey(text.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return "OpenSSL could not make a key";
  return write_first(path, text_of(text.get()), S_IRUSR | S_IWUSR);
}

// Of the key that lies there, whoever has made it.
std::optional<std::string> make_certificate(const std::filesystem::path& path, const std::filesystem::path& key) {
  auto key_text = read_regular_file(key.string(), {.secret = SecretGroup::any});
  if (!key_text) return key.string() + ": " + to_string(key_text.error());
  const auto read = read_private_key(*key_text);
  OPENSSL_cleanse(key_text->data(), key_text->size());
  if (!read) return key.string() + ": not a key; remove it to have one made, and another pin with it";
  const X509Ptr made = sign_for_itself(read->get());
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!made || !text || PEM_write_bio_X509(text.get(), made.get()) != 1)
    return "OpenSSL could not make a certificate of " + key.string();
  return write_first(path, text_of(text.get()), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
}

}  // namespace

std::optional<std::string> make_self_signed(const std::filesystem::path& certificate,
                                            const std::filesystem::path& key) {
  const std::filesystem::path folder = key.parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) sync_folder(std::filesystem::absolute(folder).parent_path());
  if (error) return error.message() + "; give a directory that parleyd may make or write to";
  // Two that start at once. Where there are no locks, the first key wins.
  const auto alone = lock_folder(folder.c_str(), kLockWithin, WithoutLocks::go_on);
  if (!alone)
    return errno_text(alone.error()) + "; give a directory that parleyd may read, and that nothing else keeps locked";
  const bool has_certificate = std::filesystem::exists(certificate, error);
  const bool has_key = std::filesystem::exists(key, error);
  if (has_certificate && has_key) return std::nullopt;
  if (has_certificate)
    return "holds cert.pem without its key.pem; put that back, or remove cert.pem to have both made anew";
  if (!has_key) {
    if (auto failed = make_key(key)) return failed;
  }
  return make_certificate(certificate, key);
}

}  // namespace parley
