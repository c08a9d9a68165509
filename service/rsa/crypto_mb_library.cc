#include "service/rsa/crypto_mb_library.h"

#include <dlfcn.h>

namespace parley::rsa {

namespace {

// mbxVersion of crypto_mb/version.h.
struct Version {
  int major;
  int minor;
  int revision;
  const char* name;
  const char* build_date;
  const char* text;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
  // POSIX has dlsym() return functions as void*.
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

tl::expected<CryptoMbLibrary, std::string> CryptoMbLibrary::load(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return tl::make_unexpected(std::string(dlerror()));

  CryptoMbLibrary result;
  int (*is_applicable)(std::uint64_t features) = nullptr;
  const Version* (*get_version)() = nullptr;
  if (!find(library, "mbx_is_crypto_mb_applicable", is_applicable) || !find(library, "mbx_getversion", get_version) ||
      !find(library, "mbx_rsa_private_crt_mb8", result.private_crt) ||
      !find(library, "mbx_RSA_private_crt_Method", result.method_of) ||
      !find(library, "mbx_RSA_Method_BufSize", result.work_bytes)) {
    const std::string why = dlerror();
    dlclose(library);
    return tl::make_unexpected(why);
  }
  // 0 asks the library to look at the CPU, and at the operating system's support, itself.
  if (is_applicable(0) == 0) {
    dlclose(library);
    return tl::make_unexpected(std::string("this CPU has no AVX-512 IFMA"));
  }
  const Version* version = get_version();
  result.version =
      std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' + std::to_string(version->revision);
  return result;
}

}  // namespace parley::rsa
