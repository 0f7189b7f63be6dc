# `cmake --install`: the program, the built-in catalog, the service and the licence.
include(GNUInstallDirs)
install(TARGETS turnpike RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY catalog/ DESTINATION ${CMAKE_INSTALL_DATADIR}/turnpike/catalog FILES_MATCHING PATTERN "*.yaml" PATTERN "RELEASE")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES packaging/turnpike.service DESTINATION lib/systemd/system)
install(FILES packaging/turnpike.default packaging/turnpike.alerts.yml packaging/add-to-backup.xsl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/turnpike)
install(FILES packaging/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
