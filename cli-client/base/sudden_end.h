#pragma once

namespace parley::client {

// Ends by a signal that nobody has taken as an event (see Signals): a user has told the program to end, or it has
// crashed. Whatever the signal, the terminal of standard input gets back the modes that it had at the start.

// For main(), first of all. From then on INT, TERM, HUP and QUIT end the program with 128 + the signal, also as PID 1
// of a container, where the kernel drops signals that have no handler; others as they usually do. But USR1 only asks
// how far things are: a command that has nothing to tell ignores it. What is ignored (nohup) or has a handler (a
// sanitizer's) stays as it is.
void prepare_for_signals();

// Ends the program in that way: the signal has come as an event, and nothing is to be waited for.
[[noreturn]] void end_at(int signal);

// What a sudden end writes to standard output, so that the terminal understands the next program: a literal, or nullptr
// for nothing.
void set_last_words(const char* literal);

}  // namespace parley::client
