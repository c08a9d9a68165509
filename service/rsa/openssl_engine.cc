#include <openssl/crypto.h>

#include <utility>

#include "service/rsa/engine.h"

namespace parley::rsa {

namespace {

class OpensslEngine final : public Engine {
 public:
  explicit OpensslEngine(std::string note) : note_(std::move(note)) {}

  std::string_view name() const override { return "openssl"; }

  std::string detail() const override {
    const std::string version = OpenSSL_version(OPENSSL_VERSION);
    return note_.empty() ? version : version + "; " + note_;
  }

  std::size_t batch() const override { return 1; }

  void open(std::span<Opening* const> openings) const override {
    for (Opening* opening : openings) {
      const auto bytes = opening->key->open(opening->block, opening->message);
      opening->in_range = bytes.has_value();
      opening->message_bytes = bytes.value_or(0);
    }
  }

 private:
  const std::string note_;
};

}  // namespace

std::unique_ptr<Engine> make_openssl_engine(std::string note) {
  return std::make_unique<OpensslEngine>(std::move(note));
}

}  // namespace parley::rsa
