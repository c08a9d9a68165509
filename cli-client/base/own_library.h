#pragma once

namespace parley::client {

// What a program that brings its own C library (PARLEY_STATIC) has to settle, as it runs where there is another one, of
// another age, or none. In one that uses the machine's, each does nothing.

// Before anything is asked of either library: modules of the machine's are made for its own libraries, and would end a
// program with others. So names are looked up in files and by DNS alone, and OpenSSL reads no configuration, which may
// name modules.
void stand_alone();

// The characters of C.UTF-8 out of the program itself, for where no locale is that has them. Takes a folder for a
// moment, as the C library reads files only; where none can be made, nothing changes.
void use_own_characters();

}  // namespace parley::client
