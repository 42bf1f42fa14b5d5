# Language level, warnings, sanitizers and hardening for every target of the tree.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(REELQ_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

add_compile_definitions(_GNU_SOURCE REELQ_VERSION="${PROJECT_VERSION}")
add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes
    -Wvla -Wformat=2 -Werror -g -fno-omit-frame-pointer)

# Asserts stay on in every build: a broken invariant must end the process, not corrupt Redis.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

if(REELQ_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    # scripts/checks/hardening looks whether the programs have it.
    add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE)
    # A test that signed overflow or a null pointer would make true must not be compiled away.
    add_compile_options(-fno-strict-overflow -fno-delete-null-pointer-checks)
    add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
