# What `cmake --install` puts where, so that find_package(weft CONFIG) and pkg-config find it: every
# part is a component with an export of its own, so that a program that links the simulator alone
# needs no gRPC on its machine.

option(WEFT_INSTALL "Make install rules" ${PROJECT_IS_TOP_LEVEL})
include(GNUInstallDirs)
# What is installed needs no test to be built first.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ${WEFT_BUILD_TESTS})
set(WEFT_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/weft")

# weft_install_part(<part> <target>...): targets of weft::<part>, which is a component.
function(weft_install_part part)
  if(NOT WEFT_INSTALL)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY WEFT_PARTS ${part})
  set(headers)
  foreach(target IN LISTS ARGN)
    get_target_property(sets ${target} INTERFACE_HEADER_SETS)
    if(sets)
      set(headers FILE_SET HEADERS)
    endif()
  endforeach()
  install(TARGETS ${ARGN} EXPORT weft_${part} ${headers})
  install(EXPORT weft_${part} NAMESPACE weft:: FILE weft_${part}.cmake
          DESTINATION "${WEFT_CMAKE_DIR}")
endfunction()

# The part's pkg-config file, of what its target links.
function(weft_install_pkg_config part)
  if(NOT WEFT_INSTALL)
    return()
  endif()
  set(requires)
  set(libs "-L\${libdir} -lweft_${part}" ${ARGN})
  get_target_property(type weft_${part} TYPE)
  get_target_property(links weft_${part} LINK_LIBRARIES)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(libs ${ARGN})
    get_target_property(links weft_${part} INTERFACE_LINK_LIBRARIES)
  endif()
  foreach(item IN LISTS links)
    if(item MATCHES "^absl::(.*)")
      list(APPEND requires absl_${CMAKE_MATCH_1})
    elseif(item STREQUAL "weft::sim_real_world_guard")
      list(APPEND libs "-Wl,--whole-archive -lweft_sim_interposers -Wl,--no-whole-archive")
    elseif(item MATCHES "^weft::(.*)")
      list(APPEND requires weft_${CMAKE_MATCH_1})
    elseif(item STREQUAL "protobuf::libprotobuf")
      list(APPEND requires protobuf)
    elseif(item MATCHES "^gRPC::(.*)")
      list(APPEND requires ${CMAKE_MATCH_1})
    elseif(item STREQUAL "GTest::gtest")
      list(APPEND requires gtest)
    elseif(item STREQUAL "Threads::Threads")
      list(APPEND libs -pthread)
    else()
      list(APPEND libs -l${item})
    endif()
  endforeach()
  # Found again wherever the tree is moved to.
  file(RELATIVE_PATH prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  list(JOIN requires " " requires)
  list(JOIN libs " " libs)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/weft.pc.in"
                 "${PROJECT_BINARY_DIR}/pkgconfig/weft_${part}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/weft_${part}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# At the end of the project, when all parts are known.
function(weft_install_package)
  if(NOT WEFT_INSTALL)
    return()
  endif()
  include(CMakePackageConfigHelpers)
  get_property(WEFT_PARTS GLOBAL PROPERTY WEFT_PARTS)
  get_property(WEFT_PROTOBUF_VERSION GLOBAL PROPERTY WEFT_PROTOBUF_VERSION)
  get_property(WEFT_STUB_VERSION GLOBAL PROPERTY WEFT_STUB_VERSION)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/weftConfig.cmake.in"
                                "${PROJECT_BINARY_DIR}/weftConfig.cmake"
                                INSTALL_DESTINATION "${WEFT_CMAKE_DIR}")
  # Before 1.0 a minor version may change what users see.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/weftConfigVersion.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/weftConfig.cmake"
                "${PROJECT_BINARY_DIR}/weftConfigVersion.cmake" cmake/WeftGenerate.cmake
                cmake/WeftProtoc.cmake
          DESTINATION "${WEFT_CMAKE_DIR}")
  install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)
endfunction()
