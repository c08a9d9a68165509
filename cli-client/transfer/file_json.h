#pragma once

#include "cli-client/files/event.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/progress_meter.h"
#include "protocol/json/object.h"

namespace parley::client {

// What programs are told of files: docs/parley.1, "Files".

struct JsonEvent {
  const char* name;
  json::Object members;
};
JsonEvent json_event(const FileEvent& event);
JsonEvent json_event(const OfferGroups::Group& group);
JsonEvent json_event(const ProgressMeter& meter, ProgressMeter::Time now);

json::Object json_of(const TransferProgress& progress);

}  // namespace parley::client
