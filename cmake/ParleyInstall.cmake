# cmake --install: the two programs, their manual pages, parley's completions, and what systemd needs to run parleyd,
# each where it is looked for. One component for each program, of which ParleyPackages.cmake makes packages.

include(GNUInstallDirs)
set(PARLEY_ZSH_FUNCTIONS ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh looks for completions")

install(TARGETS parleyd RUNTIME COMPONENT parleyd)
install(TARGETS parley RUNTIME COMPONENT parley)
# crypto_mb, where it was to be had (cmake/fetch-crypto-mb): parleyd looks in ../lib/parley.
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/parley DESTINATION lib COMPONENT parleyd OPTIONAL)
install(FILES docs/parley.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT parley)
install(FILES docs/parleyd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT parleyd)

# The unit names the program, wherever the prefix of this installation is.
install(CODE "
  set(BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/deploy/systemd/parleyd.service.in\" \"${CMAKE_BINARY_DIR}/parleyd.service\" @ONLY)"
  COMPONENT parleyd)
install(FILES ${CMAKE_BINARY_DIR}/parleyd.service DESTINATION lib/systemd/system COMPONENT parleyd)
# Not in use until they are enabled: the service opens its sockets itself.
foreach(listener classic relay admin)
  install(FILES deploy/systemd/parleyd-${listener}.socket DESTINATION lib/systemd/system COMPONENT parleyd)
endforeach()
install(FILES deploy/systemd/parleyd.sysusers DESTINATION lib/sysusers.d RENAME parleyd.conf COMPONENT parleyd)
install(FILES deploy/systemd/parleyd.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/parleyd COMPONENT parleyd)

# Made at the build, by the program itself, as whoever installs may be root.
set(completions ${CMAKE_BINARY_DIR}/completions)
foreach(shell bash zsh fish)
  add_custom_command(
    OUTPUT ${completions}/${shell}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
    COMMAND parley completion ${shell} > ${completions}/${shell}
    DEPENDS parley
    VERBATIM)
endforeach()
add_custom_target(completions ALL DEPENDS ${completions}/bash ${completions}/zsh ${completions}/fish)
function(install_completion shell destination name)
  install(FILES ${completions}/${shell} DESTINATION ${destination} RENAME ${name} COMPONENT parley)
endfunction()
install_completion(bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions parley)
install_completion(zsh ${PARLEY_ZSH_FUNCTIONS} _parley)
install_completion(fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d parley.fish)
