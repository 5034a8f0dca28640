# Tests: one executable a test file, linking only what the file's folder may know.

include(GoogleTest)

# What the ThreadSanitizer run builds, and all tests of and with the simulator.
add_custom_target(weft_threaded_tests)
add_custom_target(weft_sim_tests)

option(WEFT_PRECOMPILE_TESTS "Precompile what most tests include: GoogleTest, Abseil, the library" ON)

option(WEFT_UNITE_TESTS "Compile files of tests some at a time" ON)

# Applies what every test, and every library of tests alone, is compiled with.
function(weft_configure_test target)
  weft_configure(${target})
  # What is under test is optimised, and watched for undefined behaviour; a test takes up to three
  # times as long to compile if it is as well.
  target_compile_options(${target} PRIVATE -O0)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${WEFT_UNITE_TESTS}
                                             UNITY_BUILD_BATCH_SIZE 8)
  if(WEFT_UNITE_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes what is in the main file for alone there, and a united file for a header.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(WEFT_SANITIZE)
    target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
  endif()
  if(WEFT_PRECOMPILE_TESTS)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fpch-preprocess)  # for ccache
    endif()
    if(NOT ${target} STREQUAL weft_test_precompiled)
      target_precompile_headers(${target} REUSE_FROM weft_test_precompiled)
    endif()
  endif()
endfunction()

if(WEFT_PRECOMPILE_TESTS AND NOT TARGET weft_test_precompiled)
  # Nothing of Weft's, so that a test that forgets an include of it does not compile.
  add_library(weft_test_precompiled OBJECT "${PROJECT_SOURCE_DIR}/tests/support/precompiled.cc")
  weft_configure_test(weft_test_precompiled)
  target_link_libraries(weft_test_precompiled PRIVATE GTest::gmock absl::any_invocable absl::status
                                                      absl::statusor absl::time)
  target_precompile_headers(
    weft_test_precompiled PRIVATE <gmock/gmock.h> <gtest/gtest.h>
    <absl/functional/any_invocable.h> <absl/status/status.h> <absl/status/statusor.h>
    <absl/time/time.h> <coroutine> <functional> <map> <memory> <optional> <string> <vector>)
endif()

# weft_add_tests(<executable> FILES <file without .cc>... [LIBRARIES ...] [PEERS ...] [LABEL ...])
# Files with the same libraries make one executable, compiled some files at a time: what they all
# include and instantiate is most of what compiling them costs. So no two files of a folder use one
# name for two things.
# Without PEERS, every case is a test of its own. With PEERS, the executable runs once per file and
# peer, and all cases of a file share one server. A LABEL that contains "threaded" enters the
# ThreadSanitizer run.
function(weft_add_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "FILES;LIBRARIES;PEERS")
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  list(TRANSFORM arg_FILES APPEND .cc OUTPUT_VARIABLE sources)
  add_executable(${target} ${sources})
  weft_configure_test(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock)
  if(NOT arg_LABEL)
    set(arg_LABEL calls)
  endif()
  if(arg_LABEL MATCHES "threaded")
    add_dependencies(weft_threaded_tests ${target})
  endif()
  if(arg_LABEL MATCHES "^sim")
    add_dependencies(weft_sim_tests ${target})
  endif()
  if(NOT arg_PEERS)
    target_link_libraries(${target} PRIVATE GTest::gtest_main)
    gtest_discover_tests(${target} TEST_PREFIX ${folder}. PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120
                         DISCOVERY_TIMEOUT 60)
    return()
  endif()
  target_link_libraries(${target} PRIVATE weft_test_main)
  foreach(file IN LISTS arg_FILES)
    foreach(peer IN LISTS arg_PEERS)
      add_test(NAME ${folder}.${file}.${peer} COMMAND ${target})
      set_tests_properties(
        ${folder}.${file}.${peer}
        PROPERTIES ENVIRONMENT "WEFT_TEST_PEER=${peer};WEFT_TEST_FILE=${file}" LABELS ${arg_LABEL}
                   TIMEOUT 300)
    endforeach()
  endforeach()
endfunction()

# weft_add_test(<file without .cc> [LIBRARIES ...] [PEERS ...] [LABEL ...])
# A file that is an executable of its own.
function(weft_add_test name)
  # Files of the same name in two folders test two things.
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  weft_add_tests(${folder}_${name} FILES ${name} ${ARGN})
endfunction()
