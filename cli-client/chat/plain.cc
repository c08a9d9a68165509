#include "cli-client/chat/plain.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/errno_text.h"
#include "base/utf8.h"
#include "cli-client/base/clock.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/meeting/news.h"
#include "cli-client/transfer/file_json.h"

namespace parley::client {
namespace {

constexpr std::size_t kInputReadBytes = std::size_t{16} * 1024;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string json_line(const char* event, nlohmann::json members = nlohmann::json::object()) {
  members["event"] = event;
  members["time"] = utc_now();
  return members.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// Standard input as lines.
class Input {
 public:
  bool ended() const { return !open_ && lines_.empty(); }
  // errno of why it cannot be read.
  int error() const { return error_; }
  bool open() const { return open_; }

  std::optional<std::string> next() { return lines_.next(); }
  void read() {
    std::array<char, kInputReadBytes> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count < 0) error_ = errno;
    if (count > 0) return lines_.feed({bytes.data(), static_cast<std::size_t>(count)});
    lines_.end();
    open_ = false;
  }
  // Is there something that was not sent? Reads for it.
  bool has_more() {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    while (open_ && lines_.empty() && ::poll(&ready, 1, 0) > 0) read();
    return !lines_.empty();
  }

 private:
  LineSplitter lines_;
  bool open_ = true;
  int error_ = 0;
};

ChatEnd end_of(Chat& chat, Input& input) {
  const auto failed = [](std::string text) { return ChatEnd{static_cast<int>(ExitStatus::failed), std::move(text)}; };
  const Outcome& outcome = chat.outcome();
  if (chat.signal() != 0) return {128 + chat.signal(), {}};
  if (!chat.failure().empty()) return failed(chat.failure());
  if (input.error() != 0) return failed("cannot read standard input: " + errno_text(input.error()));
  if (is_output_failure(chat.output_error()))
    return failed("cannot write to standard output: " + errno_text(chat.output_error()));
  if (chat.view_closed()) return {static_cast<int>(ExitStatus::done), {}};
  if (outcome.kind == Outcome::Kind::failed) return {static_cast<int>(outcome.status), outcome.text};
  if (chat.unsettled() > 0 || (!::isatty(STDIN_FILENO) && input.has_more())) {
    return failed("the other side left before everything was sent");
  }
  return {static_cast<int>(outcome.status), outcome.kind == Outcome::Kind::partner_gone ? outcome.text : ""};
}

}  // namespace

void PlainView::invite(std::string_view text) { say_invite("chat", text, qr_); }
void PlainView::link(const Link& link) { say_link(link); }
void PlainView::came(const std::string&) {}
bool PlainView::text(const std::string&, std::string_view text) { return lines_.message(text); }
void PlainView::uncertain(std::string_view text) {
  say("this may not have arrived: " + escape(cut_utf8(std::string(text), 200)));
}
void PlainView::left(const std::string& name) { say(name_or(name, "the other side") + " left"); }
void PlainView::note(const std::string& text) { say(text); }

void JsonView::invite(std::string_view text) { lines_.message(json_line("invite", {{"invite", text}})); }
void JsonView::link(const Link& link) {
  nlohmann::json members{{"state", link_label(link.state)}, {"text", link_text(link, Clock::now())}};
  lines_.message(json_line("status", std::move(members)));
}
void JsonView::came(const std::string& name) { lines_.message(json_line("came", {{"name", name}})); }
bool JsonView::text(const std::string& name, std::string_view text) {
  return lines_.message(json_line("text", {{"name", name}, {"text", text}}));
}
void JsonView::typing(const std::string& name) { lines_.message(json_line("typing", {{"name", name}})); }
void JsonView::acknowledged(std::uint64_t number) { lines_.message(json_line("acknowledged", {{"number", number}})); }
void JsonView::uncertain(std::string_view text) { lines_.message(json_line("uncertain", {{"text", text}})); }
void JsonView::left(const std::string& name) { lines_.message(json_line("left", {{"name", name}})); }
void JsonView::note(const std::string& text) { lines_.message(json_line("note", {{"text", text}})); }
void JsonView::offered(const OfferGroups::Group& group) {
  lines_.message(json_line(
      "offered",
      {{"name", group.name}, {"directory", group.directory}, {"files", group.files}, {"bytes", group.bytes}}));
}
void JsonView::file(const FileEvent& event, bool incoming) { print_file(json_of(event), incoming); }
void JsonView::progress(const TransferProgress& progress, const ProgressMeter& meter, bool incoming) {
  print_file(progress_json(progress, meter), incoming);
}
void JsonView::print_file(const nlohmann::json& members, bool incoming) {
  nlohmann::json all = members;
  all["incoming"] = incoming;
  lines_.message(json_line(members["event"].get<std::string>().c_str(), std::move(all)));
}
void JsonView::ended(int status, const std::string& text) {
  lines_.message(json_line("ended", {{"status", status}, {"text", text}}));
}

ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger) {
  Input input;
  std::optional<Engine::TimePoint> input_end;
  while (!chat.over()) {
    if (!chat.finishing() && chat.can_send()) {
      if (const auto line = input.next()) {
        chat.send(*line);
        continue;
      }
    }
    if (input.ended() && !input_end) input_end = Clock::now();
    std::optional<Engine::TimePoint> leave_at;
    // A listener that has not heard anything yet still waits for its first text.
    if (input_end && !chat.finishing() && chat.unsettled() == 0 && !chat.files().active() &&
        (chat.spoke() || chat.heard()) && linger.time) {
      leave_at = std::max(*input_end, chat.last_event()) + *linger.time;
      if (Clock::now() >= *leave_at) {
        chat.finish();
        continue;
      }
    }
    const bool reads = input.open() && !chat.finishing() && chat.can_send();
    if (chat.step(reads ? STDIN_FILENO : -1, leave_at)) input.read();
  }
  return end_of(chat, input);
}

}  // namespace parley::client
