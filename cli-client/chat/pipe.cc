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
  const auto failed = [](std::string text) { return ChatEnd{static_cast<int>(ExitStatus::failed), std::move(text)}; };
  const Outcome& outcome = chat.outcome();
  if (chat.signal() != 0) return {128 + chat.signal(), {}};
  if (!chat.failure().empty()) return failed(chat.failure());
  if (input.error() != 0) return failed("cannot read standard input: " + errno_text(input.error()));
  if (is_output_failure(chat.output_error()))
    return failed("cannot write to standard output: " + errno_text(chat.output_error()));
  if (chat.view_closed()) return {static_cast<int>(ExitStatus::done), {}};
  if (outcome.kind == Outcome::Kind::failed) return {static_cast<int>(outcome.status), outcome.text};
  if (chat.unsettled() > 0 || (!Screen(STDIN_FILENO).is_terminal() && input.has_more())) {
    return failed("the other side left before everything was sent");
  }
  return {static_cast<int>(outcome.status), outcome.kind == Outcome::Kind::partner_gone ? outcome.text : ""};
}

}  // namespace

ChatEnd run_chat_in_pipe(Chat& chat, const Linger& linger) {
  InputLines input;
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
