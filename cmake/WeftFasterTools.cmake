# For the presets: what makes a build faster, where it is there and nothing else was asked for.

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WEFT_CCACHE}" CACHE STRING "Runs the compiler")
endif()
find_program(WEFT_MOLD mold)
if(WEFT_MOLD)
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=mold")
endif()
mark_as_advanced(WEFT_CCACHE WEFT_MOLD)
