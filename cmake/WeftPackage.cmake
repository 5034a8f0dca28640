# The Debian package, by `cpack -G DEB` or `./dev package`: headers, static libraries, the plugin.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weft)
set(CPACK_PACKAGE_VENDOR "The Weft project")
set(CPACK_PACKAGE_CONTACT "The Weft project <weft@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_PACKAGE_NAME libweft-dev)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "C++20 client call framework for gRPC
 Coroutine clients over gRPC, typed clients generated from .proto files, and a
 simulator that runs a test under every order of events.")
# What the plugin links, and what the headers include. A program needs gRPC or GoogleTest only for
# the components that stand on them: find_package leaves those out otherwise.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libabsl-dev, libprotobuf-dev, protobuf-compiler")
# gRPC's own package for CMake ends with an error unless all of gRPC is there, its plugins included.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libgrpc++-dev, protobuf-compiler-grpc, libgtest-dev")
include(CPack)
