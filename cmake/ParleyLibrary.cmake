# parley_library(SOURCES file... [PUBLIC dependency...] [PRIVATE dependency...])
#
# The library of the folder that calls it. A dependency is a folder of the tree ("service/net") or an outside target
# ("asio"). PUBLIC: its headers are included by headers of this folder; PRIVATE: by sources alone. These are the arrows
# of the map in CONTRIBUTING.md: tests/arrows reads them from here, and fails on an include that they do not allow.
#

function(parley_target_name out folder)
  string(REPLACE "/" "_" name ${folder})
  set(${out} parley_${name} PARENT_SCOPE)
endfunction()

# Folders as the targets of their libraries, everything else as it is.
function(parley_targets out)
  set(targets)
  foreach(dependency IN LISTS ARGN)
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${dependency})
      parley_target_name(dependency ${dependency})
    endif()
    list(APPEND targets ${dependency})
  endforeach()
  set(${out} ${targets} PARENT_SCOPE)
endfunction()

function(parley_library)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "" "SOURCES;PUBLIC;PRIVATE")
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  parley_target_name(target ${folder})
  parley_targets(public ${ARG_PUBLIC})
  parley_targets(private ${ARG_PRIVATE})
  add_library(${target} STATIC ${ARG_SOURCES})
  target_link_libraries(${target} PUBLIC ${public} PRIVATE ${private})
endfunction()

# parley_program(NAME SOURCE [dependency...])
function(parley_program name source)
  parley_targets(libraries ${ARGN})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ${libraries})
endfunction()
