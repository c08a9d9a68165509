#include "cli-client/base/own_library.h"

#ifdef PARLEY_STATIC

#include <fcntl.h>
#include <nss.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>

#include "base/descriptor.h"

// The file of LC_CTYPE, as the compiler finds it (cmake/ParleyStatic.cmake).
asm(R"(
  .pushsection .rodata
  .balign 16
  .globl parley_ctype_begin, parley_ctype_end
  .hidden parley_ctype_begin, parley_ctype_end
parley_ctype_begin:
  .incbin ")" PARLEY_CTYPE R"("
parley_ctype_end:
  .popsection
)");
extern "C" {
extern const std::byte parley_ctype_begin[];
extern const std::byte parley_ctype_end[];
}

namespace parley::client {
namespace {

// False where there is no such folder, or no room.
bool use_characters_by(const std::string& folder) {
  std::string own = folder + "/parley-XXXXXX";
  if (::mkdtemp(own.data()) == nullptr) return false;
  const std::string locale = own + "/C.UTF-8";
  const std::string file = locale + "/LC_CTYPE";
  bool used = false;
  if (::mkdir(locale.c_str(), 0700) == 0) {
    Descriptor output(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (output.valid() && write_all(output.get(), {parley_ctype_begin, parley_ctype_end}) == 0) {
      ::setenv("LOCPATH", own.c_str(), 1);
      used = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;  // which maps the file: it is needed no longer
      ::unsetenv("LOCPATH");
    }
    ::unlink(file.c_str());
    ::rmdir(locale.c_str());
  }
  ::rmdir(own.c_str());
  return used;
}

}  // namespace

void stand_alone() {
  ::__nss_configure_lookup("hosts", "files dns");
  ::__nss_configure_lookup("passwd", "files");
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

void use_own_characters() {
  const char* given = std::getenv("TMPDIR");
  for (const char* folder : {given, "/tmp", "/dev/shm", "/var/tmp", "."}) {
    if (folder != nullptr && *folder != '\0' && use_characters_by(folder)) return;
  }
}

}  // namespace parley::client

#else

namespace parley::client {

void stand_alone() {}
void use_own_characters() {}

}  // namespace parley::client

#endif
