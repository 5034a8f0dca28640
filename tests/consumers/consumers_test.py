#!/usr/bin/env python3
"""Projects of users, configured, built and run as users do it: see --help for what it needs.

Each takes the Weft that was installed into --prefix, but Subdirectory, which takes its sources.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).parent
USERS_LINES_MAX = 40


class Consumer(unittest.TestCase):
    def setUp(self):
        self.build = pathlib.Path(GIVEN.tree)
        shutil.rmtree(self.build, ignore_errors=True)
        self.environment = dict(os.environ)

    def run_command(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                              env=self.environment)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def configure(self, source, *options):
        command = [GIVEN.cmake, "-G", "Ninja", "-S", source, "-B", self.build,
                   f"-DCMAKE_CXX_COMPILER={GIVEN.compiler}", f"-DCMAKE_PREFIX_PATH={GIVEN.prefix}",
                   f"-DCMAKE_EXE_LINKER_FLAGS={GIVEN.link_flags}"]
        if GIVEN.launcher:
            command.append(f"-DCMAKE_CXX_COMPILER_LAUNCHER={GIVEN.launcher}")
        return subprocess.run([*map(str, command), *map(str, options)], capture_output=True,
                              text=True, env=self.environment)

    def build_project(self, name, *options):
        done = self.configure(HERE / name, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.run_command(GIVEN.cmake, "--build", self.build)

    def needs(self, program):
        said = self.run_command("readelf", "-d", program)
        return re.findall(r"NEEDED.*\[(.*)\]", said)

    def assert_explored(self, said):
        self.assertRegex(said, r"complete|COMPLETE")
        self.assertIn("PASSED", said)


class FirstSteps(Consumer):
    """From an empty directory, a .proto and an installed Weft."""

    def test_a_client_and_a_test_that_explores_it_take_few_lines(self):
        lines = [line for path in (HERE / "first_steps").iterdir()
                 for line in path.read_text().splitlines()
                 if not re.match(r"(//|#) \[", line)]  # marks for the documents
        self.assertLess(len(lines), USERS_LINES_MAX)
        self.build_project("first_steps")
        said = self.run_command(self.build / "greeter_test")
        self.assert_explored(said)
        self.assertFalse([name for name in self.needs(self.build / "greeter_test")
                          if "grpc" in name or "gpr" in name])


class Installed(Consumer):
    def test_a_generated_client_calls_a_real_server(self):
        self.build_project("installed",
                           f"-DECHO_PROTO={GIVEN.source}/tests/support/echo.proto")
        with subprocess.Popen([GIVEN.peer], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as peer:
            port = peer.stdout.readline().split()[1]
            said = self.run_command(self.build / "hello", f"127.0.0.1:{port}")
            peer.stdin.close()
        self.assertEqual(said, "hello from outside\n")


class SimulatorAlone(Consumer):
    def test_the_simulator_needs_no_grpc_on_the_machine(self):
        # Whatever asks the linker for gRPC or protobuf gets this.
        hidden = self.build / "hidden"
        hidden.mkdir(parents=True)
        for name in ["grpc", "grpc++", "gpr", "protobuf", "protobuf-lite"]:
            for ending in ["so", "a"]:
                (hidden / f"lib{name}.{ending}").write_text("hidden")
        self.build_project("simulator_alone", "-DCMAKE_DISABLE_FIND_PACKAGE_gRPC=ON",
                           "-DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON",
                           f"-DCMAKE_EXE_LINKER_FLAGS={GIVEN.link_flags} -L{hidden}",
                           f"-DSIMULATED_CALL={GIVEN.source}/examples/simulated_call/"
                           "simulated_call_test.cc")
        read = self.run_command("ninja", "-C", self.build, "-t", "deps")
        self.assertIn("weft/transport_sim/world.h", read)
        self.assertFalse(re.findall(r"/(?:grpc|grpcpp|google/protobuf)/.*", read))
        program = self.build / "simulated_call"
        self.assertFalse([name for name in self.needs(program)
                          if re.search("grpc|gpr|protobuf", name)])
        self.assert_explored(self.run_command(program))


class PkgConfig(Consumer):
    def test_a_simulated_test_without_cmake(self):
        self.environment["PKG_CONFIG_PATH"] = ":".join(
            str(path) for path in pathlib.Path(GIVEN.prefix).glob("lib*/**/pkgconfig"))
        flags = shlex.split(self.run_command("pkg-config", "--cflags", "--libs", "weft_api",
                                             "weft_transport_sim_gtest", "gtest_main"))
        self.build.mkdir(parents=True)
        program = self.build / "simulated_call"
        self.run_command(GIVEN.compiler, "-std=c++20", "-o", program,
                         f"{GIVEN.source}/examples/simulated_call/simulated_call_test.cc", *flags,
                         *shlex.split(GIVEN.link_flags))
        self.assert_explored(self.run_command(program))

    def test_every_library_is_known(self):
        directory = next(pathlib.Path(GIVEN.prefix).glob("lib*/**/pkgconfig"))
        self.environment["PKG_CONFIG_PATH"] = str(directory)
        names = sorted(path.stem for path in directory.iterdir())
        self.assertEqual(names, ["weft_adapters", "weft_adapters_asio", "weft_api",
                                 "weft_conformance", "weft_protobuf", "weft_transport",
                                 "weft_transport_grpc", "weft_transport_sim",
                                 "weft_transport_sim_gtest"])
        self.run_command("pkg-config", "--exists", "--print-errors", *names)


class DebianPackage(Consumer):
    def test_it_installs_into_a_clean_tree_and_works_there(self):
        clean = self.build / "clean"
        (clean / "usr").mkdir(parents=True)
        packages = self.build / "packages"
        self.run_command("cpack", "-G", "DEB", "--config", f"{GIVEN.binary}/CPackConfig.cmake",
                         "-B", packages)
        package = next(packages.glob("libweft-dev_*.deb"))
        # A machine with the same packages, so that dpkg checks what this one depends on.
        admin = self.build / "admin"
        for folder in ["info", "updates", "triggers"]:
            (admin / folder).mkdir(parents=True)
        shutil.copy("/var/lib/dpkg/status", admin)
        as_root = [] if os.geteuid() == 0 else ["fakeroot"]
        self.run_command(*as_root, "dpkg", f"--admindir={admin}", f"--instdir={clean}",
                         "--force-script-chrootless", "--log=/dev/null", "--install", package)
        said = self.run_command("dpkg", f"--admindir={admin}", "--status", "libweft-dev")
        self.assertRegex(said, "Depends: .*libprotobuf-dev")
        self.assertRegex(said, "Depends: .*libprotoc32")
        GIVEN.prefix = clean / "usr"
        self.build_project("first_steps")
        self.assert_explored(self.run_command(self.build / "greeter_test"))
        self.assertIn(str(clean), (self.build / "CMakeCache.txt").read_text())


class Components(Consumer):
    """What find_package says of what is not there."""

    PROJECT = "cmake_minimum_required(VERSION 3.25)\nproject(user CXX)\n"

    def said(self, text, *options):
        source = self.build / "source"
        source.mkdir(parents=True, exist_ok=True)
        (source / "CMakeLists.txt").write_text(self.PROJECT + text)
        done = self.configure(source, *options)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def test_all_targets_are_there(self):
        targets = " ".join(f"weft::{part}" for part in [
            "api", "transport", "transport_grpc", "transport_sim", "transport_sim_gtest",
            "protobuf", "conformance", "adapters", "adapters_asio", "protoc-gen-weft"])
        code, said = self.said(
            "find_package(weft 0.1 CONFIG REQUIRED)\n"
            f"foreach(target {targets})\n  if(NOT TARGET ${{target}})\n"
            "    message(FATAL_ERROR \"no ${target}\")\n  endif()\nendforeach()\n")
        self.assertEqual(code, 0, said)

    def test_the_plugin_of_another_machine_is_not_run(self):
        code, said = self.said("set(CMAKE_CROSSCOMPILING TRUE)\nfind_package(weft CONFIG REQUIRED)\n"
                               "if(TARGET weft::protoc-gen-weft)\n"
                               '  message(FATAL_ERROR "it is there")\nendif()\n')
        self.assertEqual(code, 0, said)

    def test_a_component_without_its_dependency_says_what_to_install(self):
        code, said = self.said("find_package(weft CONFIG REQUIRED COMPONENTS transport_grpc)",
                               "-DCMAKE_DISABLE_FIND_PACKAGE_gRPC=ON")
        self.assertNotEqual(code, 0)
        self.assertIn("component transport_grpc: it needs gRPC (Debian: libgrpc++-dev "
                      "protobuf-compiler-grpc), which was not found", said)

    def test_asio_is_looked_for_on_the_machine_of_the_user(self):
        find = "find_package(weft CONFIG REQUIRED COMPONENTS adapters_asio)\n"
        code, said = self.said(find, "-DWEFT_ASIO=NOTFOUND", "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY",
                               "-DCMAKE_FIND_ROOT_PATH=/nowhere")
        self.assertNotEqual(code, 0)
        self.assertIn("component adapters_asio: it needs Asio without Boost (Debian: libasio-dev), "
                      "which was not found", said)

    def test_weft_generate_says_which_component_it_comes_with(self):
        code, said = self.said("find_package(weft CONFIG REQUIRED COMPONENTS api)\n"
                               "weft_generate(TARGET t PROTOS p.proto)")
        self.assertNotEqual(code, 0)
        self.assertIn("comes with the component protobuf", said)

    def test_an_unknown_component_names_those_that_there_are(self):
        code, said = self.said("find_package(weft CONFIG REQUIRED COMPONENTS http3)")
        self.assertNotEqual(code, 0)
        self.assertRegex(said, "component http3: there is none in this build of Weft, which has "
                               ".*transport_sim")

    def test_another_protobuf_is_refused(self):
        code, said = self.said("add_library(protobuf::libprotobuf INTERFACE IMPORTED)\n"
                               "set(Protobuf_VERSION 3.12.4)\n"
                               "macro(find_package name)\n"
                               "  if(${name} STREQUAL Protobuf)\n    set(Protobuf_FOUND TRUE)\n"
                               "  else()\n    _find_package(${name} ${ARGN})\n  endif()\nendmacro()\n"
                               "find_package(weft CONFIG REQUIRED COMPONENTS protobuf)")
        self.assertNotEqual(code, 0)
        self.assertIn("and here is 3.12.4, so build Weft with that", said)

    def test_a_version_that_is_not_compatible_is_refused(self):
        code, said = self.said("find_package(weft 0.2 CONFIG REQUIRED)")
        self.assertNotEqual(code, 0)
        self.assertIn('compatible with requested version "0.2"', said)


class Subdirectory(Consumer):
    def test_the_sources_within_a_project_without_grpc(self):
        self.build_project("subdirectory", "-DCMAKE_DISABLE_FIND_PACKAGE_gRPC=ON",
                           f"-DWEFT_SOURCE={GIVEN.source}",
                           f"-DFIRST_STEPS={HERE / 'first_steps'}")
        self.assert_explored(self.run_command(self.build / "greeter_test"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ["cmake", "compiler", "launcher", "link-flags", "prefix", "source", "peer", "tree",
                   "binary"]:
        parser.add_argument(f"--{option}")
    GIVEN, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0]] + rest)
