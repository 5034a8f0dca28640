#[=======================================================================[
weft_generate: typed clients of the services in .proto files

  weft_generate(TARGET <target> PROTOS <file>... [IMPORT_DIRS <dir>...] [...])
  weft_generate(OUT_VAR <variable> PROTOS <file>... [IMPORT_DIRS <dir>...] [...])

For x.proto it makes protoc's x.pb.h and x.pb.cc, the clients x.weft.pb.h and x.weft.pb.cc, and the
fakes for tests x.weft_fake.pb.h. They are made again when the .proto, anything that it imports, or
the plugin changes.

TARGET       gets the sources, the include directory and weft::protobuf. A library of this name is
             made if there is none. It must be of this directory.
OUT_VAR      gets the list of generated files instead, or as well.
PROTOS       relative to this directory. Their path below an import directory is the path under which
             they are included and imported.
IMPORT_DIRS  where imports are looked for, before this directory.
OUT_DIR      where the files go; a directory of the target's in the build tree unless told.
PLUGIN_OPTIONS    <key>=<value>..., as in protoc's --weft_opt: protoc-gen-weft names them all if it is
                  given another.
PROTOC_OPTIONS    for protoc itself, such as --experimental_allow_proto3_optional.
WITHOUT_MESSAGES  x.pb.h and x.pb.cc come from elsewhere.
PROTOC, PLUGIN    the programs to run, of the machine that builds. Also for all calls: the variables
                  WEFT_PROTOC and WEFT_PROTOC_GEN_WEFT. When cross-compiling, programs of these names
                  are looked for on the machine that builds.
#]=======================================================================]

include_guard(GLOBAL)

set_property(GLOBAL PROPERTY WEFT_PROTOC_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/WeftProtoc.cmake")

function(weft_generate)
  set(flags WITHOUT_MESSAGES)
  set(single TARGET OUT_VAR OUT_DIR PROTOC PLUGIN)
  set(multiple PROTOS IMPORT_DIRS PLUGIN_OPTIONS PROTOC_OPTIONS)
  cmake_parse_arguments(PARSE_ARGV 0 arg "${flags}" "${single}" "${multiple}")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weft_generate: '${arg_UNPARSED_ARGUMENTS}' is no argument of it; there are "
                        "${single};${multiple};${flags}")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "weft_generate: ${arg_KEYWORDS_MISSING_VALUES} without a value")
  endif()
  if(NOT arg_TARGET AND NOT arg_OUT_VAR)
    message(FATAL_ERROR "weft_generate: say what becomes of the files: TARGET <target> to compile "
                        "them there, or OUT_VAR <variable> for a list of them")
  endif()
  if(NOT arg_PROTOS)
    message(FATAL_ERROR "weft_generate: say of which files: PROTOS <file>...")
  endif()
  _weft_find_protoc("${arg_PROTOC}" protoc)
  _weft_find_plugin("${arg_PLUGIN}" plugin)
  if(NOT arg_OUT_DIR)
    set(arg_OUT_DIR "weft_generated/${arg_TARGET}")
  endif()
  cmake_path(ABSOLUTE_PATH arg_OUT_DIR BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
  set(import_dirs)
  foreach(dir IN LISTS arg_IMPORT_DIRS ITEMS "${CMAKE_CURRENT_SOURCE_DIR}")
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    if(NOT IS_DIRECTORY "${dir}")
      message(FATAL_ERROR "weft_generate: IMPORT_DIRS has ${dir}, which is no directory")
    endif()
    list(APPEND import_dirs "${dir}")
  endforeach()
  list(REMOVE_DUPLICATES import_dirs)

  set(kinds .weft.pb.cc .weft.pb.h)
  if(NOT "fakes=false" IN_LIST arg_PLUGIN_OPTIONS)
    list(APPEND kinds .weft_fake.pb.h)
  endif()
  set(outputs "--weft_out=${arg_OUT_DIR}")
  if(arg_PLUGIN_OPTIONS)
    list(JOIN arg_PLUGIN_OPTIONS "," options)
    list(APPEND outputs "--weft_opt=${options}")
  endif()
  if(NOT arg_WITHOUT_MESSAGES)
    list(PREPEND kinds .pb.cc .pb.h)
    list(APPEND outputs "--cpp_out=${arg_OUT_DIR}")
  endif()
  file(MAKE_DIRECTORY "${arg_OUT_DIR}")
  get_property(script GLOBAL PROPERTY WEFT_PROTOC_SCRIPT)
  list(TRANSFORM import_dirs PREPEND "-I" OUTPUT_VARIABLE search)
  set(generated)
  foreach(proto IN LISTS arg_PROTOS)
    _weft_locate_proto("${proto}" "${import_dirs}" path stem)
    list(TRANSFORM kinds PREPEND "${arg_OUT_DIR}/${stem}" OUTPUT_VARIABLE files)
    cmake_path(GET stem PARENT_PATH folder)
    file(MAKE_DIRECTORY "${arg_OUT_DIR}/${folder}")
    add_custom_command(
      OUTPUT ${files}
      COMMAND "${CMAKE_COMMAND}" -P "${script}" -- "${protoc}" "--plugin=protoc-gen-weft=${plugin}"
              ${search} ${outputs} "--dependency_out=${arg_OUT_DIR}/${stem}.d" ${arg_PROTOC_OPTIONS}
              "${path}"
      DEPENDS "${path}" "${protoc}" "${plugin}" "${script}"
      DEPFILE "${arg_OUT_DIR}/${stem}.d"
      COMMENT "Generating clients of ${stem}.proto"
      VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  if(arg_TARGET)
    _weft_add_generated(${arg_TARGET} "${arg_OUT_DIR}" ${generated})
  endif()
  if(arg_OUT_VAR)
    set(${arg_OUT_VAR} ${generated} PARENT_SCOPE)
  endif()
endfunction()

# The sources, the include directory and the library, without touching what the user says with
# target_link_libraries, which takes either keywords or none.
function(_weft_add_generated target out_dir)
  if(NOT TARGET ${target})
    add_library(${target})
  endif()
  get_target_property(directory ${target} SOURCE_DIR)
  get_target_property(type ${target} TYPE)
  if(NOT directory STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "weft_generate: target ${target} was made in ${directory}; generated sources "
                        "are known only to the directory that generates them, so call weft_generate "
                        "there")
  endif()
  if(type STREQUAL "INTERFACE_LIBRARY")
    message(FATAL_ERROR "weft_generate: ${target} is an INTERFACE library, which compiles nothing; "
                        "take a STATIC one, or an executable")
  endif()
  target_sources(${target} PRIVATE ${ARGN})
  target_include_directories(${target} SYSTEM PUBLIC "$<BUILD_INTERFACE:${out_dir}>")
  set_property(TARGET ${target} APPEND PROPERTY LINK_LIBRARIES weft::protobuf)
  set_property(TARGET ${target} APPEND PROPERTY INTERFACE_LINK_LIBRARIES weft::protobuf)
endfunction()

# The file, and its path without .proto below the import directory that has it.
function(_weft_locate_proto proto import_dirs path_variable stem_variable)
  cmake_path(ABSOLUTE_PATH proto BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE
             OUTPUT_VARIABLE path)
  if(NOT EXISTS "${path}")
    message(FATAL_ERROR "weft_generate: PROTOS has ${path}, which does not exist")
  endif()
  foreach(dir IN LISTS import_dirs)
    cmake_path(IS_PREFIX dir "${path}" NORMALIZE inside)
    if(inside)
      cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${dir}" OUTPUT_VARIABLE stem)
      cmake_path(REMOVE_EXTENSION stem LAST_ONLY)
      set(${path_variable} "${path}" PARENT_SCOPE)
      set(${stem_variable} "${stem}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  list(JOIN import_dirs " " dirs)
  message(FATAL_ERROR "weft_generate: ${path} is below no import directory (${dirs}), so it has no "
                      "path to be included by: add IMPORT_DIRS <dir> with a directory above it")
endfunction()

function(_weft_find_protoc given result)
  if(NOT given)
    set(given "${WEFT_PROTOC}")
  endif()
  if(NOT given AND NOT CMAKE_CROSSCOMPILING AND TARGET protobuf::protoc)
    get_target_property(given protobuf::protoc IMPORTED_LOCATION)
    if(NOT given)
      get_target_property(given protobuf::protoc IMPORTED_LOCATION_RELEASE)
    endif()
  endif()
  if(NOT given)
    find_program(WEFT_PROTOC protoc NO_CMAKE_FIND_ROOT_PATH
                 DOC "The protoc to run, of the machine that builds")
    set(given "${WEFT_PROTOC}")
  endif()
  if(NOT given)
    message(FATAL_ERROR "weft_generate: no protoc. Install protobuf's compiler (Debian: "
                        "protobuf-compiler), or give one: -DWEFT_PROTOC=<path>, or "
                        "weft_generate(... PROTOC <path>)")
  endif()
  get_property(wanted GLOBAL PROPERTY WEFT_PROTOBUF_VERSION)
  _weft_ask_version("${given}" PROTOC WEFT_PROTOC "libprotoc ([0-9.]+)" version)
  # Since 3.21 the headers may count as 4.22.0 what protoc calls 22.0; patches fit each other.
  string(REGEX MATCH "^[0-9]+[.][0-9]+" minor "${version}")
  if(wanted AND NOT ".${wanted}." MATCHES "[.]${minor}[.]")
    message(
      FATAL_ERROR
        "weft_generate: ${given} is the protoc of protobuf ${version}, but Weft is built with the "
        "headers of ${wanted}, which do not compile what it writes. Give the protoc that belongs to "
        "them: -DWEFT_PROTOC=<path>, or weft_generate(... PROTOC <path>)")
  endif()
  set(${result} "${given}" PARENT_SCOPE)
endfunction()

function(_weft_find_plugin given result)
  if(NOT given)
    set(given "${WEFT_PROTOC_GEN_WEFT}")
  endif()
  if(NOT given AND NOT CMAKE_CROSSCOMPILING AND TARGET weft::protoc-gen-weft)
    set(${result} "$<TARGET_FILE:weft::protoc-gen-weft>" PARENT_SCOPE)
    return()
  endif()
  if(NOT given)
    find_program(WEFT_PROTOC_GEN_WEFT protoc-gen-weft NO_CMAKE_FIND_ROOT_PATH
                 DOC "The protoc-gen-weft to run, of the machine that builds")
    set(given "${WEFT_PROTOC_GEN_WEFT}")
  endif()
  if(NOT given)
    set(why "Build Weft with WEFT_BUILD_PLUGIN=ON")
    if(CMAKE_CROSSCOMPILING)
      set(why "Build Weft for the machine that builds as well")
    endif()
    message(FATAL_ERROR "weft_generate: no protoc-gen-weft. ${why}, or give one: "
                        "-DWEFT_PROTOC_GEN_WEFT=<path>, or weft_generate(... PLUGIN <path>)")
  endif()
  get_property(wanted GLOBAL PROPERTY WEFT_STUB_VERSION)
  _weft_ask_version("${given}" PLUGIN WEFT_PROTOC_GEN_WEFT
                    "protoc-gen-weft [0-9.]+ [(]stubs ([0-9]+)[)]" version)
  if(NOT version EQUAL wanted)
    message(FATAL_ERROR "weft_generate: ${given} writes clients of version ${version}, but this Weft "
                        "takes version ${wanted}: give the protoc-gen-weft of this Weft, with "
                        "-DWEFT_PROTOC_GEN_WEFT=<path> or weft_generate(... PLUGIN <path>)")
  endif()
  set(${result} "${given}" PARENT_SCOPE)
endfunction()

# What a program says of itself, asked once.
function(_weft_ask_version program argument variable pattern result)
  get_property(known GLOBAL PROPERTY "WEFT_VERSION_OF_${program}")
  if(NOT known)
    execute_process(COMMAND "${program}" --version OUTPUT_VARIABLE said ERROR_VARIABLE said
                    RESULT_VARIABLE failed)
    if(failed OR NOT said MATCHES "${pattern}")
      message(FATAL_ERROR "weft_generate: ${program} does not run here, or is something else (it says "
                          "'${said}'): give another with -D${variable}=<path> or "
                          "weft_generate(... ${argument} <path>)")
    endif()
    set(known "${CMAKE_MATCH_1}")
    set_property(GLOBAL PROPERTY "WEFT_VERSION_OF_${program}" "${known}")
  endif()
  set(${result} "${known}" PARENT_SCOPE)
endfunction()
