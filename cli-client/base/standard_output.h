#pragma once

#include <string_view>

namespace parley::client {

// Writes all of it to standard output. Returns 0, or the errno of why not. While there is no room for it, a signal that
// is blocked to be read as an event ends the program as it usually does: nobody would read it.
int write_out(std::string_view text);

// For a program that is to end, and has taken the signal that says so: a reader has a second in all to make room, then
// what is left is dropped and write_out() returns EPIPE, as if the reader had gone.
void hurry_readers();

// For commands that print something and end: their exit status, with a sentence when it could not be printed.
int print_out(std::string_view text);

// What is said of a failure of write_out(), and how the program ends for it. A reader that has had enough, as head(1),
// is no failure.
bool is_output_failure(int error);
void say_output_failure(int error);

}  // namespace parley::client
