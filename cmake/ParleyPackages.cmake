# With PARLEY_DEBIAN: what Debian's packages `parleyd` and `parley` have beside what cmake --install puts in place,
# and what they say of themselves. deploy/packages/build calls cpack, in a clean root of each release.

set(PARLEY_DEBIAN "" CACHE STRING "Make packages for this release of Debian (12 or 13) by cpack")
set(PARLEY_ARCHITECTURE "" CACHE STRING "And for this architecture, as Debian names it")
if(NOT PARLEY_DEBIAN)
  return()
endif()

# An upgrade of Debian finds a package of the same version, for the newer release, to be the newer one.
set(revision 1~deb${PARLEY_DEBIAN})
set(maintainer "Parley maintainers <maintainers@parley.invalid>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})  # as for Debian's own tools
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # of SOURCE_DATE_EPOCH, where there is one

# Units of sockets stay open while the relay is restarted. None is enabled unasked.
file(GLOB sockets RELATIVE ${PROJECT_SOURCE_DIR}/deploy/systemd CONFIGURE_DEPENDS deploy/systemd/*.socket)
list(JOIN sockets " " SOCKETS)

set(sources ${PROJECT_SOURCE_DIR}/deploy/packages)
set(made ${CMAKE_BINARY_DIR}/debian)
foreach(script postinst prerm postrm)
  configure_file(${sources}/${script}.in ${made}/${script} @ONLY FILE_PERMISSIONS
                 OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
configure_file(${sources}/changelog.in ${made}/changelog.Debian @ONLY)
file(WRITE ${made}/conffiles "/etc/parley/parleyd.toml\n")

install(FILES deploy/systemd/parleyd.toml DESTINATION /etc/parley COMPONENT parleyd)
# debian_documents(COMPONENT PAGE PACKAGE...): what Debian wants of each package, with the licences of those PACKAGEs
# that are compiled into its program (libraries that are headers alone).
function(debian_documents component page)
  set(documents ${CMAKE_INSTALL_DATADIR}/doc/${component})
  install(FILES ${sources}/copyright DESTINATION ${documents} COMPONENT ${component})
  install(FILES ${made}/changelog.Debian DESTINATION ${documents} COMPONENT ${component})
  install(FILES CHANGELOG.md DESTINATION ${documents} RENAME changelog COMPONENT ${component})
  foreach(package IN LISTS ARGN)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION ${documents}/licences RENAME ${package}
            COMPONENT ${component})
  endforeach()
  install(CODE "
    set(installed \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
    execute_process(
      COMMAND gzip -9nf \"\${installed}/${documents}/changelog\" \"\${installed}/${documents}/changelog.Debian\"
                        \"\${installed}/${CMAKE_INSTALL_MANDIR}/${page}\"
      COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
endfunction()
debian_documents(parleyd man8/parleyd.8 libasio-dev libcli11-dev libexpected-dev nlohmann-json3-dev)
debian_documents(parley man1/parley.1 libasio-dev libcli11-dev libexpected-dev nlohmann-json3-dev)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each has its own
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL parleyd parley)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_THREADS 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${PARLEY_ARCHITECTURE})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${maintainer})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_PARLEYD_PACKAGE_NAME parleyd)
set(CPACK_DEBIAN_PARLEYD_DESCRIPTION "relay for two clients that cannot reach each other
Both clients connect out to parleyd, and it carries messages between them:
over relay/1, in which a conversation goes on over lost connections and
restarts and may be encrypted end to end, and over the classic protocol.")
# Who makes the user; postinst calls it.
set(CPACK_DEBIAN_PARLEYD_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PARLEYD_PACKAGE_SUGGESTS "parley")
if(PARLEY_ARCHITECTURE STREQUAL amd64 AND PARLEY_DEBIAN GREATER_EQUAL 13)
  set(CPACK_DEBIAN_PARLEYD_PACKAGE_RECOMMENDS "libcrypto-mb11")  # opened at run time: RSA eight at a time
endif()
set(CPACK_DEBIAN_PARLEYD_PACKAGE_CONTROL_EXTRA ${made}/postinst ${made}/prerm ${made}/postrm ${made}/conffiles)

set(CPACK_DEBIAN_PARLEY_PACKAGE_NAME parley)
set(CPACK_DEBIAN_PARLEY_DESCRIPTION "command-line client of the Parley relay
Chats, pipes and sends files to another parley by way of a relay that both
can reach, encrypted end to end by an invite, and loses nothing over lost
connections and restarts.")
set(CPACK_DEBIAN_PARLEY_PACKAGE_RECOMMENDS "ca-certificates")

include(CPack)
