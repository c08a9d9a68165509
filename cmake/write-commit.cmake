# cmake -DGIVEN=COMMIT -DSOURCE=FOLDER -DOUTPUT=FILE.cc -P write-commit.cmake, at each build: what --version says that it
# is of. GIVEN, or what git says of SOURCE; "unknown" where there is none. The file is written when that is another.
set(commit "${GIVEN}")
if(commit STREQUAL "")
  execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit unknown)
endif()
set(content "#include \"base/version.h\"\n\nstd::string_view parley::commit() { return \"${commit}\"; }\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT content STREQUAL "${before}")
  file(WRITE ${OUTPUT} "${content}")
endif()
