# Everything Weft takes from outside. Debian 12 has no Protobuf CONFIG package: it must be found in
# module mode, and before gRPC, whose own package looks for it.

# Who adds this directory to a project of theirs links and generates with these as well.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
if(WEFT_BUILD_PROTOBUF)
  find_package(Protobuf REQUIRED)
  # For weft_generate, which runs elsewhere.
  set_property(GLOBAL PROPERTY WEFT_PROTOBUF_VERSION "${Protobuf_VERSION}")
  file(STRINGS "${PROJECT_SOURCE_DIR}/api/include/weft/api/stub_declarations.h" stub_version
       REGEX "^#define WEFT_STUB_VERSION ")
  string(REGEX MATCH "[0-9]+$" WEFT_STUB_VERSION "${stub_version}")
  set_property(GLOBAL PROPERTY WEFT_STUB_VERSION "${WEFT_STUB_VERSION}")
endif()
if(WEFT_BUILD_GRPC)
  find_package(gRPC CONFIG REQUIRED)
endif()
# The simulator's tests of users need it, ours too.
if(WEFT_BUILD_TESTS OR WEFT_BUILD_CONFORMANCE)
  find_package(GTest REQUIRED)
else()
  find_package(GTest QUIET)
endif()
if(WEFT_BUILD_BENCH)
  find_package(benchmark REQUIRED)
  find_package(nlohmann_json REQUIRED)
else()
  # weft_sim_merge reads with it.
  find_package(nlohmann_json QUIET)
endif()
