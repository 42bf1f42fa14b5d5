# add_criterion_test(FOLDER/NAME TARGET SECONDS) - TARGET, a Criterion program, as a test of that
# name and of the label FOLDER, run by tests/run_criterion.sh, which says what it watches over.
function(add_criterion_test name target seconds)
    string(REGEX REPLACE "/.*" "" folder ${name})
    add_test(NAME ${name}
             COMMAND ${CMAKE_SOURCE_DIR}/tests/run_criterion.sh $<TARGET_FILE:${target}>)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds} LABELS ${folder})
endfunction()
