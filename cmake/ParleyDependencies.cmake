# Every outside library, found once, all from the distribution's packages (./dev setup installs them).

if(PARLEY_STATIC)
  include(ParleyStatic)  # before any of them is found
endif()
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(libidn2 REQUIRED IMPORTED_TARGET libidn2)
if(PARLEY_STATIC)
  return()  # what follows it has brought, or is the relay's
endif()
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
pkg_check_modules(libqrencode REQUIRED IMPORTED_TARGET libqrencode)

# Standalone Asio is headers only, without a CMake package.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(asio INTERFACE)
target_include_directories(asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
# Asio finds out about std::aligned_alloc by a macro that a standard header may not have defined yet: whether it uses it
# would differ from one source to another, and so would what a coroutine's frame is freed with.
target_compile_definitions(asio INTERFACE ASIO_NO_DEPRECATED ASIO_HAS_STD_ALIGNED_ALLOC=1)
target_link_libraries(asio INTERFACE Threads::Threads)

# cpp-httplib: Debian ships it compiled, with a pkg-config file.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
