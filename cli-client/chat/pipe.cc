#include "cli-client/chat/pipe.h"
#include "base/errno_text.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "cli-client/base/clock.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/terminal/input_lines.h"
#include "cli-client/terminal/screen.h"

namespace parley::client {
namespace {

ChatEnd end_of(Chat& chat, InputLines& input) {
  using Kind = Outcome::Kind;
  const Outcome& outcome = chat.outcome();
  const auto end = [](ExitStatus status, Kind kind, const std::string& reason) {
    return ChatEnd{static_cast<int>(status), status == ExitStatus::done ? "" : reason, outcome_label(kind), reason};
  };
  const auto failed = [&end](const std::string& why) { return end(ExitStatus::failed, Kind::failed, why); };
  if (chat.signal() != 0) return {128 + chat.signal(), "", "interrupted", "ended by a signal"};
  if (chat.loop().failed()) return failed(outcome.text);
  if (input.error() != 0) return failed("cannot read standard input: " + errno_text(input.error()));
  if (is_output_failure(chat.output_error())) {
    return failed("cannot write to standard output: " + errno_text(chat.output_error()));
  }
  if (chat.view_closed()) return end(ExitStatus::done, Kind::left, "nobody reads standard output any more");
  const bool theirs = outcome.kind == Kind::done || outcome.kind == Kind::partner_gone;
  if (theirs && (chat.unsettled() > 0 || (!Screen(STDIN_FILENO).is_terminal() && input.has_more()))) {
    return end(ExitStatus::failed, Kind::partner_gone, "the other side left before everything was sent");
  }
  return end(outcome.status, outcome.kind, outcome.text);
}

}  // namespace

ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger) {
  return run_chat_in_pipe(chat, linger, LineSplitter::kMaxLineBytes,
                          [&chat](const std::string& line) { chat.send(line); });
}

ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger, std::size_t max_line_bytes,
                         const std::function<void(const std::string& line)>& obey) {
  InputLines input(max_line_bytes);
  std::optional<Engine::TimePoint> input_end;
  while (!chat.over()) {
    if (!chat.finishing() && chat.can_send()) {
      if (const auto line = input.next()) {
        obey(*line);
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
