# gotls_stage(NAME SOURCES ... [LINK ...] [TESTS ...]): one folder of the pipeline as the library gotls_NAME, and its unit
# tests as the program NAME_test.
function(gotls_stage name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;TESTS" ${ARGN})
  if(GOTLS_STATIC)  # Debian has no static libfmt
    list(TRANSFORM arg_LINK REPLACE "^fmt::fmt$" fmt::fmt-header-only)
  endif()
  add_library(gotls_${name} STATIC ${arg_SOURCES})
  target_link_libraries(gotls_${name} PUBLIC gotls_options ${arg_LINK})
  if(GOTLS_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE gotls_${name} GTest::gtest_main GTest::gmock)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST)
  endif()
endfunction()
