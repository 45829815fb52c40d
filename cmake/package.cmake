# What is installed beside the program: manual pages, completions, the licence. All of it is written by the program that was
# just built (help2man reads its --help), so nothing can say something else than it does. scripts/package makes packages of it.
include(GNUInstallDirs)
install(TARGETS plumbline RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES CHANGELOG.md README.md docs/plumbline.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})

find_program(HELP2MAN help2man)
set(PLUMBLINE_EXTRAS ${CMAKE_BINARY_DIR}/package)
# Installing is what needs them, not building.
if(HELP2MAN)
  add_custom_target(package_extras
    COMMAND ${CMAKE_SOURCE_DIR}/scripts/package-extras $<TARGET_FILE:plumbline> ${PLUMBLINE_EXTRAS}
    DEPENDS plumbline VERBATIM
    COMMENT "Writing manual pages and completions")
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\" --target package_extras
                                COMMAND_ERROR_IS_FATAL ANY)")
else()
  install(CODE "message(FATAL_ERROR \"help2man, which writes the manual pages, is not installed. Run: scripts/setup package\")")
endif()
install(DIRECTORY ${PLUMBLINE_EXTRAS}/man1 ${PLUMBLINE_EXTRAS}/man5 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${PLUMBLINE_EXTRAS}/plumbline.bash RENAME plumbline
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PLUMBLINE_EXTRAS}/_plumbline DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${PLUMBLINE_EXTRAS}/plumbline.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
