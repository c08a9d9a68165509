# cmake --install: the two programs, their manual pages, parley's completions, and what systemd needs to run parleyd, each
# where it is looked for.

include(GNUInstallDirs)

install(TARGETS parleyd parley RUNTIME)
# crypto_mb, where it was to be had (cmake/fetch-crypto-mb): parleyd looks in ../lib/parley.
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/parley DESTINATION lib OPTIONAL)
install(FILES docs/parley.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/parleyd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

# The unit names the program, wherever the prefix of this installation is.
install(CODE "
  set(BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/deploy/systemd/parleyd.service.in\" \"${CMAKE_BINARY_DIR}/parleyd.service\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/parleyd.service DESTINATION lib/systemd/system)
# Not in use until they are enabled: the service opens its sockets itself.
foreach(listener classic relay admin)
  install(FILES deploy/systemd/parleyd-${listener}.socket DESTINATION lib/systemd/system)
endforeach()
install(FILES deploy/systemd/parleyd.sysusers DESTINATION lib/sysusers.d RENAME parleyd.conf)
install(FILES deploy/systemd/parleyd.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/parleyd)

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
install(FILES ${completions}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME parley)
install(FILES ${completions}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _parley)
install(FILES ${completions}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME parley.fish)
