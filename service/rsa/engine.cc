#include "service/rsa/engine.h"

#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "service/rsa/crypto_mb_engine.h"

namespace parley::rsa {

namespace {

namespace fs = std::filesystem;

std::unique_ptr<Engine> find_engine() {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path below = fs::path("lib") / "parley" / CryptoMbLibrary::kFileName;

  std::string why = std::string("no ") + CryptoMbLibrary::kFileName;
  for (const fs::path& beside : {(folder.parent_path() / below), (folder / below)}) {
    if (!fs::exists(beside, ignored)) continue;
    auto library = CryptoMbLibrary::load(beside.string());
    if (library) return make_crypto_mb_engine(std::move(*library), beside.string());
    why = library.error();
  }
  auto library = CryptoMbLibrary::load(CryptoMbLibrary::kFileName);
  if (library) return make_crypto_mb_engine(std::move(*library), CryptoMbLibrary::kFileName);
  // Of a library that is nowhere the loader says no more than its name.
  if (library.error().find("cannot open shared object file") == std::string::npos) why = library.error();
  return make_openssl_engine("without crypto_mb: " + why);
}

}  // namespace

std::unique_ptr<Engine> make_engine(std::string_view where) {
  if (where == "off") return make_openssl_engine();
  if (where == "auto") return find_engine();
  const std::string path(where);
  auto library = CryptoMbLibrary::load(path);
  if (!library) {
    throw std::runtime_error("crypto_mb: cannot use " + path + ": " + library.error() + "; give the path of " +
                             CryptoMbLibrary::kFileName + ", or auto or off");
  }
  return make_crypto_mb_engine(std::move(*library), path);
}

}  // namespace parley::rsa
