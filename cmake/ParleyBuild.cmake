# Language level, warnings, hardening and sanitizers, for every target of the tree.

option(PARLEY_TESTS "Build the unit tests" ON)
option(PARLEY_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(PARLEY_WERROR "Treat warnings as errors" ON)
option(PARLEY_STATIC "Build parley alone, as one file that runs on any Linux" OFF)
set(PARLEY_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them (address,undefined or thread)")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O2 (not CMake's -O3): smaller, and no slower for code that waits on the kernel and on OpenSSL.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

# Includes are rooted at the repository: "service/net/address.h".
include_directories(${PROJECT_SOURCE_DIR})

include(CheckPIESupported)
check_pie_supported()
if(PARLEY_SANITIZE)
  # What a sanitizer adds has an address to relocate for each of its places: half of the time that a program takes to
  # start, of which the tests start thousands.
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough)
if(PARLEY_WERROR)
  add_compile_options(-Werror)
endif()

add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  # The CPUs of 2009 on; what newer ones can do is found at run time only.
  add_compile_options(-march=x86-64-v2 -fcf-protection)
endif()
add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
if(PARLEY_SANITIZE)
  # Without vptr: it looks at an object through a pipe, and calls a sound one damaged when no descriptor is left.
  add_compile_options(-fsanitize=${PARLEY_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PARLEY_SANITIZE})
  if(PARLEY_SANITIZE MATCHES "thread")
    # ThreadSanitizer does not see fences; Asio's queues are ordered by their mutexes without them.
    add_compile_definitions(ASIO_DISABLE_FENCED_BLOCK)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Level 3 needs g++ 12 and glibc 2.34; -U because some toolchains set a level of their own.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  # What is made is the same wherever the tree lies. The build's own folder is often within it, so it comes last: then
  # it is looked at first.
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes a unity build's sources for headers, in which every unnamed namespace looks shared.
  add_compile_options(-Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Asio 1.22 does not recognise clang's C++20 coroutines by itself.
  add_compile_definitions(ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
endif()

set(PARLEY_COMMIT "" CACHE STRING "The commit shown by --version; empty: what git says at each build")
