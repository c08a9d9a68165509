# cmake --install: the two programs, their manual pages, and parley's completions, each where shells and man(1) look.

include(GNUInstallDirs)

install(TARGETS parleyd parley RUNTIME)
# crypto_mb, where it was to be had (cmake/fetch-crypto-mb): parleyd looks in ../lib/parley.
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/parley DESTINATION lib OPTIONAL)
install(FILES docs/parley.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/parleyd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

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
