# What a package holds beside the program: manual pages, completions, the licence. All of it is written by the program
# that was just built (help2man reads its --help), so nothing can say something else than it does.
#   cpack -G DEB --config build/release/CPackConfig.cmake
include(GNUInstallDirs)
install(TARGETS plumbline RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES CHANGELOG.md README.md docs/plumbline.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})

find_program(HELP2MAN help2man)
set(PLUMBLINE_EXTRAS ${CMAKE_BINARY_DIR}/package)
if(HELP2MAN)
  add_custom_target(package_extras
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/package-extras $<TARGET_FILE:plumbline> ${PLUMBLINE_EXTRAS}
    DEPENDS plumbline VERBATIM
    COMMENT "Writing manual pages and completions")
  # Installing is what needs them, not building.
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\" --target package_extras
                                COMMAND_ERROR_IS_FATAL ANY)")
  install(DIRECTORY ${PLUMBLINE_EXTRAS}/man1 ${PLUMBLINE_EXTRAS}/man5 DESTINATION ${CMAKE_INSTALL_MANDIR})
  install(FILES ${PLUMBLINE_EXTRAS}/plumbline.bash RENAME plumbline
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${PLUMBLINE_EXTRAS}/_plumbline DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES ${PLUMBLINE_EXTRAS}/plumbline.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME plumbline)
set(CPACK_PACKAGE_CONTACT "The plumbline authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "says whether a live PostgreSQL schema is the one its migrations describe")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Throw-away servers come from any installation of PostgreSQL; the witness needs pg_dump.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "git")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
