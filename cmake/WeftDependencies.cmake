# Everything Weft takes from outside. Debian 12 has no Protobuf CONFIG package: it must be found in
# module mode, and before gRPC, whose own package looks for it.

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
if(WEFT_BUILD_PROTOBUF)
  find_package(Protobuf REQUIRED)
endif()
if(WEFT_BUILD_GRPC)
  find_package(gRPC CONFIG REQUIRED)
endif()
# The simulator's tests of users need it, ours too.
if(WEFT_BUILD_TESTS)
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
