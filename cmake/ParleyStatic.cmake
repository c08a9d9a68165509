# PARLEY_STATIC: parley alone, as one file that needs nothing of the machine that it runs on but its kernel. All
# libraries are Debian's own; those that are packaged as shared ones only are compiled here, of their sources
# (cmake/fetch-static).

enable_language(C)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(OPENSSL_USE_STATIC_LIBS ON)
set(PKG_CONFIG_ARGN --static)
set(static ${PROJECT_SOURCE_DIR}/build/static)
if(NOT EXISTS ${static}/sources)
  message(FATAL_ERROR "no ${static}: cmake/fetch-static build")
endif()
list(APPEND CMAKE_LIBRARY_PATH ${static}/unistring/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE})

add_link_options(-s)  # no symbols
# The linker warns of getaddrinfo, getpwuid and dlopen: see stand_alone() in cli-client/base/own_library.h.
set(CMAKE_CXX_LINK_OPTIONS_PIE -fPIE -static-pie)  # in place of -pie, which would overrule it

# What the C library knows of characters it takes from a file, which other systems need not have.
set(PARLEY_CTYPE /usr/lib/locale/C.utf8/LC_CTYPE)

# The library TARGET of SOURCES in static/sources/FOLDER, whose headers are in INCLUDE there.
function(parley_foreign_library target folder include)
  list(TRANSFORM ARGN PREPEND ${static}/sources/${folder}/)
  add_library(${target} STATIC ${ARGN})
  # In place of what our own sources are compiled with: the warnings are not ours to heed.
  set(options -w -fstack-protector-strong -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF COMPILE_OPTIONS "${options}")
  target_include_directories(${target} SYSTEM PUBLIC ${static}/sources/${folder}/${include})
endfunction()

parley_foreign_library(parley_qrencode qrencode . bitstream.c mask.c mmask.c mqrspec.c qrencode.c qrinput.c qrspec.c
                       rsecc.c split.c)
target_compile_definitions(parley_qrencode PRIVATE MAJOR_VERSION=4 MINOR_VERSION=1 MICRO_VERSION=1 VERSION="4.1.1"
                           STATIC_IN_RELEASE=static HAVE_STRDUP=1 HAVE_LIBPTHREAD=1)
add_library(PkgConfig::libqrencode ALIAS parley_qrencode)

parley_foreign_library(parley_prometheus prometheus-cpp core/include core/src/serializer.cc core/src/text_serializer.cc)
include(GenerateExportHeader)
generate_export_header(parley_prometheus BASE_NAME prometheus-cpp-core STATIC_DEFINE PROMETHEUS_CPP_STATIC
                       EXPORT_FILE_NAME ${CMAKE_BINARY_DIR}/prometheus/prometheus/detail/core_export.h)
target_include_directories(parley_prometheus SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/prometheus)
add_library(prometheus-cpp::core ALIAS parley_prometheus)

# Headers alone, without what Debian's has for compression.
add_library(parley_httplib INTERFACE)
target_include_directories(parley_httplib SYSTEM INTERFACE ${static}/sources/cpp-httplib)
add_library(PkgConfig::httplib ALIAS parley_httplib)
