# For the presets: what makes a build faster, where it is there and nothing else was asked for. What
# the command line, the environment or a toolchain file says wins; WEFT_CCACHE=OFF and WEFT_MOLD=OFF
# do without. Read by the project at the top alone, so it is never forced on who uses Weft's sources.

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WEFT_CCACHE}" CACHE STRING "Runs the compiler")
endif()
find_program(WEFT_MOLD mold)
if(WEFT_MOLD)
  # First, because of several linkers the last is taken.
  string(PREPEND CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=mold ")
endif()
mark_as_advanced(WEFT_CCACHE WEFT_MOLD)
