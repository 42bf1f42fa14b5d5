# Installs the completion for zsh where Debian's zsh looks for it, which depends on the prefix.
set(functions zsh/site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(functions zsh/vendor-completions)
endif()
file(INSTALL ${REELQ_PAGES}/_reelq DESTINATION ${CMAKE_INSTALL_PREFIX}/${REELQ_DATADIR}/${functions})
