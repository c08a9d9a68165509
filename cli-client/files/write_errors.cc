#include "cli-client/files/write_errors.h"

#include <cerrno>
#include <cstdlib>

#include "cli-client/files/beneath.h"

namespace parley::client {
namespace {

constexpr const char* kToGoOn = "have it sent again to go on";

std::string unnamed_text(int error) {
  if (error == EEXIST || error == EISDIR) return "could not get its name: something else has it now";
  if (error == ESTALE) return "was changed by another program while it came; have it sent again";
  return unwritten_text(error);
}

}  // namespace

std::string unwritten_text(int error) {
  if (error == ENOSPC) return std::string("the receiving disk is full; make room and ") + kToGoOn;
  if (error == EDQUOT) return std::string("the receiver's disk quota is used up; make room and ") + kToGoOn;
  if (error == EFBIG) return "is larger than the receiving file system, or the limit of its user (ulimit -f), allows";
  if (error == EROFS || error == EACCES || error == EPERM) {
    return "cannot be written: " + error_text(error) + "; when it can, " + kToGoOn;
  }
  return "cannot be written: " + error_text(error);
}

std::string unstored_text(const Unstored& failure) {
  switch (failure.what) {
    case Unstored::What::content:
      return unwritten_text(failure.error);
    case Unstored::What::name:
      return unnamed_text(failure.error);
    case Unstored::What::entry:
      return "may be lost again, as its folder cannot be written to the disk: " + error_text(failure.error);
  }
  std::abort();
}

}  // namespace parley::client
