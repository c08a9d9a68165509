#pragma once

#include <string>

namespace parley {

// Why something that a user has given is not taken, and what to do about it: two clauses of one line.
struct Fault {
  std::string why;
  std::string remedy;
};

// "<why>; <remedy>".
inline std::string to_string(const Fault& fault) { return fault.why + "; " + fault.remedy; }

}  // namespace parley
