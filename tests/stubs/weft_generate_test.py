#!/usr/bin/env python3
"""What weft_generate does in somebody's project, and what it says when something is missing.

    weft_generate_test.py CMAKE PROTOC PLUGIN WEFT_GENERATE_CMAKE [UNITTEST ARGUMENT...]

The projects compile nothing: they generate.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(user NONE)
include("{module}")
add_library(weft::protobuf INTERFACE IMPORTED GLOBAL)
set_property(GLOBAL PROPERTY WEFT_PROTOBUF_VERSION "{protobuf}")
set_property(GLOBAL PROPERTY WEFT_STUB_VERSION "{stubs}")
"""
SERVICE = 'syntax = "proto3"; import "lib/m.proto"; service S { rpc Do(lib.M) returns (lib.M); }'
MESSAGE = 'syntax = "proto3"; package lib; message M {}'


class Project(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        said = subprocess.run([PROTOC, "--version"], capture_output=True, text=True).stdout
        self.protobuf = said.split()[1]
        said = subprocess.run([PLUGIN, "--version"], capture_output=True, text=True).stdout
        self.stubs = said.split("stubs ")[1].rstrip(")\n")
        self.tools = {"WEFT_PROTOC": PROTOC, "WEFT_PROTOC_GEN_WEFT": PLUGIN}
        self.write("s.proto", SERVICE)
        self.write("imports/lib/m.proto", MESSAGE)

    def write(self, name, text, mode=0o644):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def configure(self, text, path=os.environ["PATH"]):
        self.write("CMakeLists.txt", PROJECT.format(module=MODULE, protobuf=self.protobuf,
                                                    stubs=self.stubs) + text)
        tools = [f"-D{name}={value}" for name, value in self.tools.items()]
        done = subprocess.run([CMAKE, "-G", "Ninja", "-S", self.root, "-B", self.root / "build",
                               *tools], capture_output=True, text=True,
                              env={**os.environ, "PATH": path})
        return done.returncode, " ".join(done.stderr.split())

    def build(self):
        done = subprocess.run([CMAKE, "--build", self.root / "build"], capture_output=True, text=True)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def refused(self, text, *words, **named):
        code, said = self.configure(text, **named)
        self.assertNotEqual(code, 0)
        for word in words:
            self.assertIn(word, said)

    def generated(self, arguments):
        """A project that generates these files and nothing else."""
        code, said = self.configure(
            f"weft_generate(OUT_VAR files OUT_DIR out {arguments})\n"
            "add_custom_target(all_files ALL DEPENDS ${files})\n"
            'file(WRITE "${CMAKE_BINARY_DIR}/files" "${files}")\n')
        self.assertEqual((code, said), (0, ""))


class Generates(Project):
    def test_a_list_of_files_that_are_all_there_after_the_build(self):
        self.generated("PROTOS s.proto imports/lib/m.proto IMPORT_DIRS imports")
        code, said = self.build()
        self.assertEqual(code, 0, said)
        files = (self.root / "build/files").read_text().split(";")
        self.assertEqual(len(files), 10)
        self.assertTrue(all(pathlib.Path(name).exists() for name in files))
        self.assertIn(str(self.root / "build/out/lib/m.pb.h"), files)

    def test_anew_when_an_import_changes_and_only_then(self):
        self.generated("PROTOS s.proto IMPORT_DIRS imports")
        self.assertEqual(self.build()[0], 0)
        self.assertIn("no work to do", self.build()[1])
        # A file system may keep times too coarse to tell two writes apart.
        later = time.time() + 10
        os.utime(self.root / "imports/lib/m.proto", (later, later))
        code, said = self.build()
        self.assertEqual(code, 0, said)
        self.assertIn("Generating clients of s.proto", said)

    def test_with_the_plugins_options(self):
        self.generated("PROTOS s.proto IMPORT_DIRS imports "
                       "PLUGIN_OPTIONS fakes=false services_namespace=rpc")
        self.assertEqual(self.build()[0], 0)
        self.assertNotIn("fake", (self.root / "build/files").read_text())
        self.assertIn("namespace rpc", (self.root / "build/out/s.weft.pb.h").read_text())

    def test_without_messages(self):
        self.generated("PROTOS s.proto IMPORT_DIRS imports WITHOUT_MESSAGES")
        self.assertEqual(self.build()[0], 0)
        self.assertFalse((self.root / "build/out/s.pb.h").exists())

    def test_with_tools_of_the_machine_that_builds_when_cross_compiling(self):
        self.tools = {}
        tools = pathlib.Path(self.write("tools/protoc", f'#!/bin/sh\nexec {PROTOC} "$@"\n', 0o755))
        self.write("tools/protoc-gen-weft", f'#!/bin/sh\nexec {PLUGIN} "$@"\n', 0o755)
        code, said = self.configure(
            "set(CMAKE_CROSSCOMPILING TRUE)\n"
            # What was installed for the other machine.
            "add_executable(weft::protoc-gen-weft IMPORTED)\n"
            "weft_generate(OUT_VAR files PROTOS s.proto IMPORT_DIRS imports)\n"
            "add_custom_target(all_files ALL DEPENDS ${files})\n",
            path=f"{tools.parent}:{os.environ['PATH']}")
        self.assertEqual((code, said), (0, ""))
        self.assertIn(str(tools.parent / "protoc-gen-weft"),
                      (self.root / "build/build.ninja").read_text())
        code, said = self.build()
        self.assertEqual(code, 0, said)


class Explains(Project):
    def test_an_unknown_argument(self):
        self.refused("weft_generate(TARGET t PROTO s.proto)", "'PROTO;s.proto' is no argument",
                     "PROTOS", "IMPORT_DIRS")

    def test_an_argument_without_a_value(self):
        self.refused("weft_generate(TARGET t PROTOS)", "PROTOS without a value")

    def test_nowhere_to_put_the_files(self):
        self.refused("weft_generate(PROTOS s.proto)", "TARGET <target>", "OUT_VAR <variable>")

    def test_no_files(self):
        self.refused("weft_generate(TARGET t)", "PROTOS <file>")

    def test_a_file_that_is_not_there(self):
        self.refused("weft_generate(OUT_VAR v PROTOS x.proto)", "x.proto, which does not exist")

    def test_a_file_outside_the_import_directories(self):
        self.write("sub/CMakeLists.txt", "weft_generate(OUT_VAR v PROTOS ../s.proto)")
        self.refused("add_subdirectory(sub)", "is below no import directory", "add IMPORT_DIRS")

    def test_an_import_directory_that_is_none(self):
        self.refused("weft_generate(OUT_VAR v PROTOS s.proto IMPORT_DIRS nowhere)",
                     "nowhere, which is no directory")

    def test_a_target_of_another_directory(self):
        self.write("sub/CMakeLists.txt", "add_library(t INTERFACE)")
        self.refused("add_subdirectory(sub)\nweft_generate(TARGET t PROTOS s.proto)",
                     "was made in", "so call weft_generate there")

    def test_a_target_that_compiles_nothing(self):
        self.refused("add_library(t INTERFACE)\nweft_generate(TARGET t PROTOS s.proto)",
                     "is an INTERFACE library", "STATIC")

    def test_no_protoc(self):
        del self.tools["WEFT_PROTOC"]
        self.refused("set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)\n"
                     "weft_generate(OUT_VAR v PROTOS s.proto)", "no protoc", "-DWEFT_PROTOC=",
                     "protobuf-compiler", path=self.bare_path())

    def test_no_plugin(self):
        del self.tools["WEFT_PROTOC_GEN_WEFT"]
        self.refused("set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)\n"
                     "weft_generate(OUT_VAR v PROTOS s.proto)", "no protoc-gen-weft",
                     "WEFT_BUILD_PLUGIN=ON", "-DWEFT_PROTOC_GEN_WEFT=", path=self.bare_path())
        self.refused("set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)\nset(CMAKE_CROSSCOMPILING TRUE)\n"
                     "weft_generate(OUT_VAR v PROTOS s.proto)",
                     "Build Weft for the machine that builds as well", path=self.bare_path())

    def bare_path(self):
        """Where there is Ninja, and nothing else."""
        link = self.root / "bare/ninja"
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(shutil.which("ninja"))
        return str(link.parent)

    def test_a_protoc_of_another_protobuf(self):
        self.protobuf = "3.12.4"
        self.refused("weft_generate(OUT_VAR v PROTOS s.proto)", "headers of 3.12.4", "-DWEFT_PROTOC=")

    def test_a_plugin_of_another_weft(self):
        self.stubs = "999"
        self.refused("weft_generate(OUT_VAR v PROTOS s.proto)", "this Weft takes version 999",
                     "-DWEFT_PROTOC_GEN_WEFT=")

    def test_a_program_that_is_no_protoc(self):
        self.tools["WEFT_PROTOC"] = "/bin/true"
        self.refused("weft_generate(OUT_VAR v PROTOS s.proto)", "/bin/true does not run here",
                     "PROTOC <path>")

    def test_an_import_that_is_not_there(self):
        self.generated("PROTOS s.proto")
        code, said = self.build()
        self.assertNotEqual(code, 0)
        self.assertIn("lib/m.proto: File not found", said)
        self.assertIn(f"'lib/m.proto' is in none of {self.root}: add", said)
        self.assertIn("IMPORT_DIRS of weft_generate", said)

    def test_a_bad_option_of_the_plugin(self):
        self.generated("PROTOS s.proto IMPORT_DIRS imports PLUGIN_OPTIONS color=blue")
        code, said = self.build()
        self.assertNotEqual(code, 0)
        self.assertIn("unknown option 'color'; the options of protoc-gen-weft are", said)
        self.assertIn("came from PLUGIN_OPTIONS", said)


if __name__ == "__main__":
    CMAKE, PROTOC, PLUGIN, MODULE = sys.argv[1:5]
    unittest.main(argv=[sys.argv[0]] + sys.argv[5:])
