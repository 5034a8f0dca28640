# How a part of Weft becomes a target: one library, one include root, warnings as errors, and every
# public header proven to compile alone.

set(WEFT_SANITIZE "" CACHE STRING "Sanitizers for every target of this project, e.g. address,undefined")
option(WEFT_WARNINGS_AS_ERRORS "Treat warnings in this project as errors" ${PROJECT_IS_TOP_LEVEL})
set(CMAKE_CXX_EXTENSIONS OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
endif()

# Applies what every target of this project is compiled with. PRIVATE throughout: a user's flags
# stay the user's.
option(WEFT_RECORD_ACCESSES "Reduced searches of this project's tests see loads and stores (clang)" OFF)

function(weft_configure target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                           -Woverloaded-virtual)
  if(WEFT_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 makes symmetric transfer a tail call only with this flag; see docs/style.md.
    target_compile_options(${target} PRIVATE -foptimize-sibling-calls)
  endif()
  # The simulator says itself what it touches. Templates of the C++ library are made here, so that
  # they are recorded as well.
  if(WEFT_RECORD_ACCESSES AND NOT target MATCHES "^weft_(transport_sim|sim_)")
    target_compile_options(${target} PRIVATE -fsanitize=thread)
    target_compile_definitions(${target} PRIVATE _GLIBCXX_EXTERN_TEMPLATE=0)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      target_link_libraries(${target} PRIVATE weft::sim_recorded_accesses)
    endif()
  endif()
  if(WEFT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${WEFT_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${WEFT_SANITIZE})
    if(WEFT_SANITIZE MATCHES "undefined")
      target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND WEFT_SANITIZE MATCHES "thread")
      # TSan has no fences; ours pair with an atomic of their own.
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
endfunction()

# weft_add_library(<part> [SOURCES ...] [HEADERS ...] [PUBLIC_DEPENDS ...] [PRIVATE_DEPENDS ...]
#                  [INSTALL_WITH ...])
# makes target weft_<part> with alias weft::<part>. HEADERS are relative to include/. Other
# targets that its users link are installed with it.
function(weft_add_library part)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC_DEPENDS;PRIVATE_DEPENDS;INSTALL_WITH")
  set(target weft_${part})
  list(TRANSFORM arg_HEADERS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/include/")
  if(arg_SOURCES)
    add_library(${target} ${arg_SOURCES})
    set(scope PUBLIC)
    weft_configure(${target})
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
    set_target_properties(${target} PROPERTIES VERSION ${PROJECT_VERSION}
                                               SOVERSION ${PROJECT_VERSION_MAJOR})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
    target_compile_features(${target} INTERFACE cxx_std_20)
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC_DEPENDS})
  endif()
  add_library(weft::${part} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${part})
  target_sources(${target} ${scope} FILE_SET HEADERS
                 BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  weft_install_part(${part} ${target} ${arg_INSTALL_WITH})
  weft_install_pkg_config(${part})
endfunction()
