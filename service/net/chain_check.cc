#include "service/net/chain_check.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/openssl_ptr.h"

namespace parley {

namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

bool is_missing_issuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

// By a file, or by a folder, in which an authority is looked up when it is needed.
bool trusts_anybody(X509_STORE* store) {
  const char* const named = std::getenv(X509_get_default_cert_dir_env());
  std::error_code none_there;
  const std::filesystem::directory_iterator folder(named != nullptr ? named : X509_get_default_cert_dir(), none_there);
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store)) > 0 || folder != std::filesystem::directory_iterator();
}

std::string name_of(X509_NAME* name) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::string> missing_issuer(const SSL_CTX* context) {
  X509* const leaf = SSL_CTX_get0_certificate(context);
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(const_cast<SSL_CTX*>(context), static_cast<void*>(&chain));
  std::optional<std::string> missing;
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr way(X509_STORE_CTX_new());
  if (leaf != nullptr && X509_check_issued(leaf, leaf) != X509_V_OK && store && way &&
      X509_STORE_set_default_paths(store.get()) == 1 && trusts_anybody(store.get()) &&
      X509_STORE_set_flags(store.get(), X509_V_FLAG_NO_CHECK_TIME) == 1 &&
      X509_STORE_CTX_init(way.get(), store.get(), leaf, chain) == 1 && X509_verify_cert(way.get()) != 1 &&
      is_missing_issuer(X509_STORE_CTX_get_error(way.get()))) {
    missing = name_of(X509_get_issuer_name(X509_STORE_CTX_get_current_cert(way.get())));
  }
  ERR_clear_error();
  return missing;
}

}  // namespace parley
