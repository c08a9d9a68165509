#include "service/session/session_table.h"

#include <utility>

#include "service/log/log.h"

namespace parley {

namespace {

void log_start(const SessionView& view) {
  log_event(Level::info, "session started",
            {{"session", to_string(view.id)},
             {"protocol", label(view.protocol)},
             {"first", view.legs[0].address},
             {"second", view.legs[1].address}});
}

void log_end(const SessionView& view, const SessionEnd& end, std::chrono::nanoseconds duration) {
  const auto& [first, second] = view.legs;
  log_event(Level::info, "session ended",
            {{"session", to_string(view.id)},
             {"protocol", label(view.protocol)},
             {"reason", label(end.reason)},
             {"by", label(end.by)},
             {"first", first.address},
             {"second", second.address},
             {"first_messages", first.messages_in},
             {"second_messages", second.messages_in},
             {"first_bytes_in", first.bytes_in},
             {"first_bytes_out", first.bytes_out},
             {"second_bytes_in", second.bytes_in},
             {"second_bytes_out", second.bytes_out},
             {"seconds", std::chrono::duration<double>(duration).count()}});
}

void tell_start(Events& events, const SessionView& view) {
  events.tell("session-started", {{"session", to_string(view.id)},
                                  {"protocol", std::string(label(view.protocol))},
                                  {"first", view.legs[0].address},
                                  {"second", view.legs[1].address}});
}

void tell_end(Events& events, const SessionView& view, const SessionEnd& end, std::chrono::nanoseconds duration) {
  events.tell("session-ended", {{"session", to_string(view.id)},
                                {"protocol", std::string(label(view.protocol))},
                                {"reason", std::string(label(end.reason))},
                                {"by", std::string(label(end.by))},
                                {"lasted_s", std::chrono::duration<double>(duration).count()}});
}

}  // namespace

void SessionTable::start(std::unique_ptr<Session> session) {
  shard_.counters.of(session->protocol()).sessions_total.add();
  if (log_enabled(Level::info)) log_start(session->view());
  if (shard_.events.watched()) tell_start(shard_.events, session->view());
  sessions_.emplace(session->id(), session.get());
  session->begin();
  shard_.spawn(carry(std::move(session)));
}

awaitable<void> SessionTable::carry(std::unique_ptr<Session> session) {
  const SessionEnd end = co_await session->run();
  sessions_.erase(session->id());
  ProtocolCounters& counters = shard_.counters.of(session->protocol());
  const auto duration = shard_.now() - session->started_at();
  counters.session_ends_total[static_cast<std::size_t>(end.reason)].add();
  counters.session_seconds.observe(duration);
  if (log_enabled(Level::info)) log_end(session->view(), end, duration);
  if (shard_.events.watched()) tell_end(shard_.events, session->view(), end, duration);
}

std::vector<SessionView> SessionTable::list(const SessionQuery& query) const {
  std::vector<SessionView> found;
  auto position = query.before ? sessions_.lower_bound(*query.before) : sessions_.end();
  while (position != sessions_.begin() && found.size() < query.limit) {
    const Session& session = *(--position)->second;
    if (query.protocol && *query.protocol != session.protocol()) continue;
    if (query.state && *query.state != session.state()) continue;
    found.push_back(session.view());
  }
  return found;
}

std::optional<SessionView> SessionTable::find(SessionId id) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  return found->second->view();
}

bool SessionTable::end(SessionId id, SessionEnd why) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->state() == SessionState::closing) return false;
  found->second->end(why);
  return true;
}

void SessionTable::end_all(SessionEnd why, bool at_once) {
  for (const auto& [id, session] : sessions_) at_once ? session->abort(why) : session->end(why);
}

void SessionTable::check_idle() {
  for (const auto& [id, session] : sessions_) session->check_idle();
}

}  // namespace parley
