# For arm64 on a Debian of another architecture: its cross compiler (crossbuild-essential-arm64) and the :arm64 packages
# of the libraries, which lie beside the machine's own.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

# pkg-config would find the machine's own libraries.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
# The build runs parley, for its completions (Debian's qemu-user-static, or qemu-user where that is all there is).
find_program(PARLEY_QEMU NAMES qemu-aarch64-static qemu-aarch64)
if(PARLEY_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${PARLEY_QEMU})
endif()
