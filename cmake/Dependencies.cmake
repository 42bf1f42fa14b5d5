# Every dependency comes from the distribution and is found by pkg-config.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
# TLS to Redis where hiredis can do it (1.0 and later); without it rediss:// is an error that says so.
pkg_check_modules(HIREDIS_SSL IMPORTED_TARGET hiredis_ssl libssl)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_core)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(CRITERION IMPORTED_TARGET criterion)
pkg_check_modules(JANSSON IMPORTED_TARGET jansson)

# jsmn is one header without a pkg-config file.
include(CheckIncludeFile)
check_include_file(jsmn.h HAVE_JSMN)
if(NOT HAVE_JSMN)
    message(FATAL_ERROR "jsmn.h not found: install libjsmn-dev")
endif()
