#include "view.h"

namespace parley {

std::string_view label(SessionState state) {
  switch (state) {
    case SessionState::active:
      return "active";
    case SessionState::held:
      return "held";
    case SessionState::closing:
      return "closing";
  }
  return {};
}

std::string_view label(ServiceState state) {
  switch (state) {
    case ServiceState::starting:
      return "starting";
    case ServiceState::ready:
      return "ready";
    case ServiceState::draining:
      return "draining";
    case ServiceState::stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace parley
