# cmake -P WeftProtoc.cmake -- PROTOC ARGUMENT...
#
# Runs protoc for weft_generate, and says after protoc's own words what can be done about them.

set(command)
set(search)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 4 ${last})
  list(APPEND command "${CMAKE_ARGV${i}}")
  if(CMAKE_ARGV${i} MATCHES "^-I(.*)")
    list(APPEND search "${CMAKE_MATCH_1}")
  endif()
endforeach()
execute_process(COMMAND ${command} RESULT_VARIABLE result ERROR_VARIABLE said OUTPUT_VARIABLE said)
if(said)
  string(STRIP "${said}" said)
  message(NOTICE "${said}")
endif()
if(result EQUAL 0)
  return()
endif()

set(advice "protoc ended with ${result}.")
if(said MATCHES "([^ \n]+): File not found|Import \"([^\"]*)\" was not found")
  list(JOIN search " " dirs)
  set(advice "'${CMAKE_MATCH_1}${CMAKE_MATCH_2}' is in none of ${dirs}: add the directory that its "
             "path starts from to IMPORT_DIRS of weft_generate.")
elseif(said MATCHES "Unknown flag|Missing value for flag")
  set(advice "That came from PROTOC_OPTIONS of weft_generate.")
elseif(said MATCHES "unknown option|option [a-z_]+ cannot be")
  set(advice "That came from PLUGIN_OPTIONS of weft_generate.")
endif()
message(FATAL_ERROR "weft_generate: " ${advice})
