#include "cli-client/transfer/file_json.h"

#include <cstdlib>

#include "base/hex.h"
#include "cli-client/transfer/progress_text.h"

namespace parley::client {
namespace {

const char* word(FileEvent::Kind kind) {
  switch (kind) {
    case FileEvent::Kind::started:
      return "started";
    case FileEvent::Kind::done:
      return "done";
    case FileEvent::Kind::present:
      return "present";
    case FileEvent::Kind::failed:
      return "failed";
    case FileEvent::Kind::skipped:
      return "skipped";
  }
  std::abort();
}

}  // namespace

JsonEvent json_event(const FileEvent& event) {
  json::Object members{{"name", event.name}};
  if (!event.other_name.empty()) members.put("other_name", event.other_name);
  if (event.kind == FileEvent::Kind::skipped) {
    members.put("reason", event.reason);
    return {word(event.kind), members};
  }
  if (event.directory) {
    members.put("directory", true);
  } else {
    members.put("size", event.size);
  }
  if (event.kind == FileEvent::Kind::started) members.put("offset", event.offset);
  if ((event.kind == FileEvent::Kind::done || event.kind == FileEvent::Kind::present) && !event.directory)
    members.put("sha256", to_hex(event.sha256));
  if (event.kind == FileEvent::Kind::failed)
    members.put("reason", event.reason).put("by", event.other_side ? "other" : "self");
  return {word(event.kind), members};
}

JsonEvent json_event(const OfferGroups::Group& group) {
  return {"offered",
          {{"name", group.name},
           {"directory", group.directory},
           {"files", group.files},
           {"bytes", group.bytes},
           {"left_out", group.left_out}}};
}

JsonEvent json_event(const ProgressMeter& meter, ProgressMeter::Time now) {
  json::Object members{{"activity", activity_label(meter, now)}};
  members.put_all(json_of(meter.progress()));
  if (const auto rate = meter.rate()) members.put("bytes_per_second", static_cast<std::uint64_t>(*rate));
  if (const auto left = meter.left()) members.put("seconds_left", left->count());
  return {"progress", members};
}

json::Object json_of(const TransferProgress& progress) {
  return {{"files_done", progress.files_done},
          {"files_failed", progress.files_failed},
          {"files_total", progress.files_total},
          {"folders_failed", progress.folders_failed},
          {"left_out", progress.left_out},
          {"bytes_done", progress.bytes_done},
          {"bytes_total", progress.bytes_total},
          {"bytes_moved", progress.bytes_moved},
          {"bytes_compared", progress.bytes_compared}};
}

}  // namespace parley::client
