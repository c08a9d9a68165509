#include "admin-api/event_stream.h"

#include <utility>
#include <variant>

#include "admin-api/json_views.h"

namespace parley {

namespace {

void append(std::string& out, std::string_view name, const Json& data) {
  out.append("event: ").append(name).append("\ndata: ");
  out.append(data.dump(-1, ' ', false, Json::error_handler_t::replace)).append("\n\n");
}

Json to_json(const Events::Event& event) {
  Json data{{"time", rfc3339(event.time)}};
  for (const auto& [name, value] : event.fields) {
    std::visit([&data, key = std::string(name)](const auto& field) { data[key] = field; }, value);
  }
  return data;
}

}  // namespace

std::shared_ptr<EventStream> EventStream::open(const Registry& registry) {
  auto watcher = registry.events().watch();
  return watcher ? std::make_shared<EventStream>(registry, std::move(watcher)) : nullptr;
}

EventStream::EventStream(const Registry& registry, std::unique_ptr<Events::Watcher> watcher)
    : registry_(registry),
      watcher_(std::move(watcher)),
      seen_(registry.counts()),
      summary_at_(Clock::now() + kSummary) {}

bool EventStream::write(std::string& out) {
  const std::size_t before = out.size();
  if (!std::exchange(begun_, true)) {
    out += "retry: 2000\n\n";
    return true;
  }
  const auto heartbeat_at = Clock::now() + kHeartbeat;
  while (out.size() == before) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(summary_at_ - Clock::now());
    const Events::Watcher::News news = watcher_->wait(std::max(left, std::chrono::milliseconds{0}));
    if (news.lost > 0) append(out, "events-lost", {{"events", news.lost}});
    for (const auto& event : news.events) append(out, event->name, to_json(*event));
    if (news.over) return false;
    if (Clock::now() >= summary_at_) write_refusals(out);
    if (out.size() == before && Clock::now() >= heartbeat_at) out += ":\n\n";
  }
  return true;
}

void EventStream::write_refusals(std::string& out) {
  summary_at_ = Clock::now() + kSummary;
  const Counts now = registry_.counts();
  for (std::size_t i = 0; i < kProtocols; ++i) {
    Json reasons = Json::object();
    for (std::size_t reason = 0; reason < kRefusals; ++reason) {
      const auto times = now.protocols[i].refused_total[reason] - seen_.protocols[i].refused_total[reason];
      if (times > 0) reasons[std::string(label(static_cast<Refusal>(reason)))] = times;
    }
    if (reasons.empty()) continue;
    append(out, "refused",
           {{"time", rfc3339(std::chrono::system_clock::now())},
            {"protocol", label(static_cast<Protocol>(i))},
            {"reasons", std::move(reasons)}});
  }
  seen_ = now;
}

}  // namespace parley
