#include "cli-client/commands/commands.h"

#include <memory>

#include "base/errno_text.h"
#include "cli-client/base/say.h"
#include "cli-client/base/signals.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/meeting/conversation_loop.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/transfer/pipe.h"

namespace parley::client {
namespace {

constexpr const char* kPipeExamples =
    R"(Examples:
  tar c folder | parley pipe --relay HOST              shows an invite
  parley pipe 'parley://...' </dev/null | tar xB       on the other machine
Both sides run parley pipe; files are simpler with parley send.)";

struct PipeArguments {
  MeetingOptions meeting;
  bool raw = false;
};

int run_pipe(const PipeArguments& arguments, const Given& given) {
  auto plan = make_plan(arguments.meeting, given, kComeBackWithin);
  if (!plan) {
    say(plan.error().text);
    return static_cast<int>(plan.error().status);
  }
  Signals signals(false);
  for (;;) {
    ConversationLoop loop(*plan, signals, chat::Purpose::pipe);
    Pipe pipe(loop, {.qr = arguments.meeting.qr, .raw = arguments.raw});
    pipe.run();
    if (!trust_after_asking(*plan, loop.outcome())) return pipe.finish();
  }
}

}  // namespace

void add_pipe_command(CLI::App& app, const Given& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("pipe",
                                         "Standard input to the other's standard output, and back, until both\n"
                                         "have ended; any bytes, each exactly once.");
  const auto arguments = std::make_shared<PipeArguments>();
  add_meeting_options(*command, arguments->meeting);
  command->add_flag("--raw", arguments->raw,
                    "Let anything go to a terminal, what steers it too. Otherwise what comes and is\n"
                    "not plain text ends the pipe there; files and programs get any bytes");
  command->footer(kPipeExamples);
  command->callback([arguments, &given, &run] { run = [arguments, &given] { return run_pipe(*arguments, given); }; });
}

}  // namespace parley::client
