#include "cli-client/commands/commands.h"

#include <memory>

#include "base/errno_text.h"
#include "cli-client/base/say.h"
#include "cli-client/base/signals.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/transfer/pipe.h"

namespace parley::client {
namespace {

constexpr const char* kPipeExamples =
    R"(Examples:
  tar c folder | parley pipe --relay HOST              shows an invite
  parley pipe 'parley://...' </dev/null | tar x        on the other machine
Both sides run parley pipe; files are simpler with parley send.)";

int run_pipe(const MeetingOptions& options, const Given& given) {
  auto plan = make_plan(options, given, kComeBackWithin);
  if (!plan) {
    say(plan.error().text);
    return static_cast<int>(plan.error().status);
  }
  Signals signals(false);
  for (;;) {
    ConversationLoop loop(*plan, signals);
    Pipe pipe(loop, options.qr);
    pipe.run();
    if (!trust_after_asking(*plan, loop.outcome())) return pipe.finish();
  }
}

}  // namespace

void add_pipe_command(CLI::App& app, const Given& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("pipe",
                                         "Standard input to the other's standard output, and back, until both\n"
                                         "have ended; any bytes, each exactly once.");
  const auto options = std::make_shared<MeetingOptions>();
  add_meeting_options(*command, *options);
  command->footer(kPipeExamples);
  command->callback([options, &given, &run] { run = [options, &given] { return run_pipe(*options, given); }; });
}

}  // namespace parley::client
