#include "cli-client/transfer/file_json.h"

#include <cstdlib>

#include "base/hex.h"
#include "cli-client/transfer/progress_text.h"

namespace parley::client {
namespace {

using Json = nlohmann::ordered_json;

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

Json json_of(const FileEvent& event) {
  Json json = {{"event", word(event.kind)}, {"name", event.name}};
  if (!event.other_name.empty()) json["other_name"] = event.other_name;
  if (event.kind == FileEvent::Kind::skipped) {
    json["reason"] = event.reason;
    return json;
  }
  if (event.directory) {
    json["directory"] = true;
  } else {
    json["size"] = event.size;
  }
  if (event.kind == FileEvent::Kind::started) json["offset"] = event.offset;
  if ((event.kind == FileEvent::Kind::done || event.kind == FileEvent::Kind::present) && !event.directory)
    json["sha256"] = to_hex(event.sha256);
  if (event.kind == FileEvent::Kind::failed) {
    json["reason"] = event.reason;
    json["by"] = event.other_side ? "other" : "self";
  }
  return json;
}

Json json_of(const OfferGroups::Group& group) {
  return {{"event", "offered"},   {"name", group.name},   {"directory", group.directory},
          {"files", group.files}, {"bytes", group.bytes}, {"left_out", group.left_out}};
}

Json json_of(const TransferProgress& progress) {
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

Json progress_json(const ProgressMeter& meter, ProgressMeter::Time now) {
  Json json = {{"event", "progress"}, {"activity", activity_label(meter, now)}};
  json.update(json_of(meter.progress()));
  if (const auto rate = meter.rate()) json["bytes_per_second"] = static_cast<std::uint64_t>(*rate);
  if (const auto left = meter.left()) json["seconds_left"] = left->count();
  return json;
}

}  // namespace parley::client
