#pragma once

#include <sys/types.h>

#include <chrono>
#include <tl/expected.hpp>

#include "base/descriptor.h"

namespace parley {

// What is done where a file system has no locks (some of NFS).
enum class WithoutLocks { refuse, go_on };

// Opens the regular file `path`, relative to the folder `at` (or AT_FDCWD), and takes its flock(2), which ends with the
// program however that ends. `flags`: O_RDONLY or O_RDWR, with O_CREAT or not. A link is not followed, nobody is waited
// for, and the file that is locked is the one that has the name then. The error is an errno: EBUSY when another program
// has the lock, EEXIST when there is something else than a regular file.
tl::expected<Descriptor, int> open_locked(int at, const char* path, int flags, mode_t mode,
                                          WithoutLocks without = WithoutLocks::refuse);

// Takes the flock(2) of a folder, for what must be done by one program at a time; waits for whoever has it. The error
// is an errno: EBUSY when it has not been let go within that time.
tl::expected<Descriptor, int> lock_folder(const char* path, std::chrono::milliseconds within,
                                          WithoutLocks without = WithoutLocks::refuse);

}  // namespace parley
