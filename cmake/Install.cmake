# cmake --install: programs, man pages, completions, docs, units, and what else an operator needs. scripts/package makes a
# Debian package of the same.
include(GNUInstallDirs)

# What is installed is what has been built: neither cmake --install nor cpack builds anything.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS reelq reelq-webhook reelq-worker DESTINATION ${CMAKE_INSTALL_BINDIR})
set(PAGES ${CMAKE_BINARY_DIR}/pages)
install(FILES ${PAGES}/reelq.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PAGES}/reelq-webhook.8 ${PAGES}/reelq-worker.8
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${PAGES}/reelq.bash RENAME reelq
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PAGES}/reelq.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.png")
install(FILES deploy/redis.acl deploy/redis.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/reelq)
install(CODE "set(REELQ_PAGES \"${PAGES}\")
set(REELQ_DATADIR \"${CMAKE_INSTALL_DATADIR}\")
set(REELQ_SOURCE \"${CMAKE_SOURCE_DIR}\")
set(REELQ_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
set(REELQ_DOCDIR \"${CMAKE_INSTALL_DOCDIR}\")")
install(SCRIPT cmake/InstallCompletion.cmake)
install(SCRIPT cmake/InstallUnits.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME reelq)
set(CPACK_PACKAGE_CONTACT "reelq <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Uploads and indexes videos with VideoDB, through every failure")
set(CPACK_PACKAGE_DESCRIPTION
    "Programs around Redis: reelq-worker takes tasks, calls VideoDB and says when a video is
ready; reelq-webhook stores what VideoDB calls back; reelq is the command line for people. With units
for systemd.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "redis-server | valkey-server")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles
    ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
    ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
