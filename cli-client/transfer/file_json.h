#pragma once

#include <nlohmann/json.hpp>

#include "cli-client/files/event.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/progress_meter.h"

namespace parley::client {

// What programs are told of files: docs/parley.1, "Files".
nlohmann::ordered_json json_of(const FileEvent& event);
nlohmann::ordered_json json_of(const OfferGroups::Group& group);
nlohmann::ordered_json json_of(const TransferProgress& progress);
nlohmann::ordered_json progress_json(const ProgressMeter& meter, ProgressMeter::Time now);

}  // namespace parley::client
