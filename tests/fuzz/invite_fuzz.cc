// Whatever is pasted is an invite that is written and read the same again, or an error of one line. And as names of
// files come from strangers in the same way: whatever the name, its safe path stays in the folder and is safe already.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/base64url.h"
#include "base/utf8.h"
#include "protocol/chat/invite.h"
#include "protocol/chat/safe_name.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley;
using namespace parley::chat;
using parley::fuzz::require;

void parse(std::string_view text) {
  const auto invite = Invite::parse(text);
  if (!invite) {
    require(!invite.error().empty() && invite.error().size() < 400);
    for (const char c : invite.error()) {
      require(c >= ' ' && c < '\x7f');
    }
    return;
  }
  const SecretText written = invite->text();
  const auto again = Invite::parse(written.reveal());
  require(again && again->host == invite->host && again->port == invite->port && again->room == invite->room &&
          again->pin == invite->pin && again->text().reveal() == written.reveal());
  // Wherever a mail breaks and quotes it.
  std::string broken(written.reveal());
  broken.insert(1 + text.size() % (broken.size() - 1), "\r\n> ");
  const auto mailed = Invite::parse("> \xe2\x80\x9c" + broken + "\xe2\x80\x9d");
  require(mailed && mailed->text().reveal() == written.reveal());
  const std::string secret = to_base64url(invite->secret.reveal());
  require(invite->redacted().find(secret) == std::string::npos);
}

void make_safe(std::string_view name, std::size_t max_name_bytes) {
  const auto safe = safe_path(name, max_name_bytes);
  if (!safe) {
    return;
  }
  require(!safe->empty() && safe->front() != '/' && safe->back() != '/' && safe->front() != '.' && is_utf8(*safe));
  require(safe->find("//") == std::string::npos && safe->find('\\') == std::string::npos);
  const std::string framed = "/" + *safe + "/";
  require(framed.find("/../") == std::string::npos && framed.find("/./") == std::string::npos);
  for (const char c : *safe) {
    require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  }
  require(safe->size() <= kMaxPathBytes && safe_path(*safe, max_name_bytes) == safe);
  // Another limit changes no name but one that is too long for it.
  require(safe_path(*safe) == safe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parse(text);
  make_safe(text, kMaxNameBytes);
  make_safe(text, 16);
  return 0;
}
