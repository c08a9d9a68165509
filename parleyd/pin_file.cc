#include "parleyd/pin_file.h"

#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/whole_file.h"

namespace parley {

std::optional<std::string> write_pin_file(const RelaySettings& settings, const std::string& pin) {
  if (settings.pin_file.empty() || pin.empty()) return std::nullopt;
  const int error =
      write_whole_file(settings.pin_file, pin + "\n", S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, IfThere::is_replaced);
  if (error == 0) return std::nullopt;
  return "--pin-file " + settings.pin_file + ": " + errno_text(error) +
         "; give a file in a folder that parleyd may write to";
}

}  // namespace parley
