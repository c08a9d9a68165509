#include "cli-client/meeting/wrong_pair.h"

namespace parley::client {
namespace {

using chat::Purpose;

std::string command(Purpose purpose) { return "parley " + std::string(chat::feature_of(purpose)); }

// What to run against who runs this.
Purpose counterpart(Purpose purpose) {
  if (purpose == Purpose::send) return Purpose::receive;
  if (purpose == Purpose::receive) return Purpose::send;
  return purpose;
}

}  // namespace

std::string wrong_pair_text(Purpose ours, std::optional<Purpose> theirs) {
  const std::string wanted = command(counterpart(ours));
  if (!theirs) return "the other side does not run " + wanted + ", which goes with " + command(ours);
  if (theirs == ours) return "both sides run " + command(ours) + "; one of you must run " + wanted;
  return "the other side runs " + command(*theirs) + ", which does not go with " + command(ours) + "; run " +
         command(counterpart(*theirs)) + " with the same invite, or have the other side run " + wanted;
}

}  // namespace parley::client
