#pragma once

namespace parley::client {

// What the arguments ask for, done; the exit status (exit_status.h). Says on standard error what is wrong with them.
int run_program(int argc, char** argv);

}  // namespace parley::client
