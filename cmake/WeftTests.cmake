# Tests: one executable a test file, linking only what the file's folder may know.

include(GoogleTest)

# What the ThreadSanitizer run builds, and all tests of and with the simulator.
add_custom_target(weft_threaded_tests)
add_custom_target(weft_sim_tests)

# weft_add_test(<file without .cc> [LIBRARIES ...] [PEERS ...] [LABEL ...])
# Without PEERS, every case is a test of its own. With PEERS, the executable runs once per peer, and
# all of its cases share one server. A LABEL that contains "threaded" enters the ThreadSanitizer run.
function(weft_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "LIBRARIES;PEERS")
  # Files of the same name in two folders test two things.
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  set(target ${folder}_${name})
  add_executable(${target} ${name}.cc)
  weft_configure(${target})
  if(WEFT_SANITIZE)
    # What is under test is optimised and watched for undefined behaviour; a test takes three times
    # as long to compile if it is as well.
    target_compile_options(${target} PRIVATE -O0 -fno-sanitize=undefined)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)  # what is under test is optimised all the same
  endif()
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
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
    gtest_discover_tests(${target} TEST_PREFIX ${folder}. PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120
                         DISCOVERY_TIMEOUT 60)
    return()
  endif()
  foreach(peer IN LISTS arg_PEERS)
    add_test(NAME ${folder}.${name}.${peer} COMMAND ${target})
    set_tests_properties(${folder}.${name}.${peer} PROPERTIES ENVIRONMENT WEFT_TEST_PEER=${peer}
                         LABELS ${arg_LABEL} TIMEOUT 300)
  endforeach()
endfunction()
