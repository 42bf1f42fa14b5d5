# Writes OUTPUT, a C file with the text of every script in SCRIPTS, and before each those functions of
# the prelude that it uses: Redis makes all functions of a script anew each time that it runs.
cmake_minimum_required(VERSION 3.25)

list(SORT SCRIPTS)
list(FILTER SCRIPTS EXCLUDE REGEX "/prelude\\.lua$")

list(GET SCRIPTS 0 script)
get_filename_component(folder ${script} DIRECTORY)
file(READ ${folder}/prelude.lua prelude)

# Puts the functions of the prelude that the text in VARIABLE uses before it. They stand there with
# their comments, apart by empty lines, and use only what comes before them.
function(prepend_what_is_used variable)
    set(text "${${variable}}")
    set(rest "\n\n${prelude}")
    while(NOT rest STREQUAL "")
        string(FIND "${rest}" "\n\n" end REVERSE)
        string(SUBSTRING "${rest}" ${end} -1 function)
        string(SUBSTRING "${rest}" 0 ${end} rest)
        if(NOT function MATCHES "local function ([a-z_]+)\\(")
            message(FATAL_ERROR "prelude.lua: not a function:${function}")
        endif()
        if(text MATCHES "[^a-z_]${CMAKE_MATCH_1}\\(")
            string(PREPEND text "${function}\n")
        endif()
    endwhile()
    set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(code "/* Made by cmake/EmbedScripts.cmake from common/queue/scripts. */\n#include \"queue/scripts.h\"\n\n")
foreach(script ${SCRIPTS})
    get_filename_component(name ${script} NAME_WE)
    file(READ ${script} text)
    prepend_what_is_used(text)
    string(HEX "${text}" bytes)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND code "static const char ${name}_text[] = {${bytes}0};\n")
    string(APPEND table "    [SCRIPT_${name}] = ${name}_text,\n")
endforeach()
string(APPEND code "\nconst char *const scripts_text[SCRIPT_COUNT] = {\n${table}};\n")
file(WRITE ${OUTPUT} "${code}")
