# The install tree: command, library, headers, CMake and pkg-config files, man page, completion.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS gotls_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES $<TARGET_FILE:gotls> DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/gotls DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES man/gotls.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES completions/gotls DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

configure_package_config_file(cmake/gotls-config.cmake.in ${PROJECT_BINARY_DIR}/gotls-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/gotls
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/gotls-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gotls-config.cmake ${PROJECT_BINARY_DIR}/gotls-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/gotls)
file(RELATIVE_PATH GOTLS_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # so that the tree can be moved
configure_file(cmake/gotls.pc.in ${PROJECT_BINARY_DIR}/gotls.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gotls.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
