# Installs the units, with the place of the programs in them, and the file of settings that they
# read. Runs when everything else is installed, which is when the prefix is known.
set(units ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(GLOB names RELATIVE ${REELQ_SOURCE}/deploy/systemd ${REELQ_SOURCE}/deploy/systemd/reelq-*)
foreach(name ${names})
    file(READ ${REELQ_SOURCE}/deploy/systemd/${name} text)
    string(REPLACE "/usr/bin/" "${CMAKE_INSTALL_PREFIX}/${REELQ_BINDIR}/" text "${text}")
    string(REPLACE "/usr/share/doc/reelq/" "${CMAKE_INSTALL_PREFIX}/${REELQ_DOCDIR}/" text "${text}")
    message(STATUS "Installing: $ENV{DESTDIR}${units}/${name}")
    file(WRITE "$ENV{DESTDIR}${units}/${name}" "${text}")
    file(CHMOD "$ENV{DESTDIR}${units}/${name}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES ${units}/${name})
endforeach()

# The operator's own is not overwritten; a prefix of one's own has its own, for nothing to read.
set(settings /etc/reelq)
if(NOT CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?$")
    set(settings ${CMAKE_INSTALL_PREFIX}/etc/reelq)
endif()
if(NOT EXISTS "$ENV{DESTDIR}${settings}/reelq.env")
    file(INSTALL ${REELQ_SOURCE}/deploy/systemd/reelq.env DESTINATION ${settings})
endif()
