"""The Conan 2 recipe, of the sources that it stands in:  conan create packaging/conan"""

import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

PARTS = {
    # component: (its own, other packages')
    "transport": ([], ["abseil::abseil"]),
    "api": (["transport"], []),
    "adapters": (["api"], []),
    "transport_sim": (["transport"], []),
    "protobuf": (["api"], ["protobuf::libprotobuf"]),
    "transport_grpc": (["transport"], ["grpc::grpc"]),
    "transport_sim_gtest": (["transport_sim", "sim_interposers"], ["gtest::gtest"]),
    "conformance": (["api"], ["gtest::gtest"]),
}


class WeftConan(ConanFile):
    name = "weft"
    license = "Apache-2.0"
    description = "A C++20 client call framework for gRPC"
    topics = ("grpc", "coroutines", "simulation", "testing")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False], "with_grpc": [True, False]}
    default_options = {"shared": False, "fPIC": True, "with_grpc": True}

    def set_version(self):
        project = load(self, os.path.join(self.recipe_folder, "..", "..", "CMakeLists.txt"))
        self.version = project.split("project(weft VERSION ")[1].split()[0]

    def export_sources(self):
        copy(self, "*", os.path.join(self.recipe_folder, "..", ".."), self.export_sources_folder,
             excludes=["build/*", ".git/*"])

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("abseil/[>=20220623.0]", transitive_headers=True)
        self.requires("protobuf/[>=3.21.9 <4]", transitive_headers=True)
        self.requires("gtest/[>=1.12]", transitive_headers=True)
        if self.options.with_grpc:
            self.requires("grpc/[>=1.50 <2]")

    def build_requirements(self):
        self.tool_requires("protobuf/<host_version>")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for unwanted in ["TESTS", "EXAMPLES", "BENCH"]:
            toolchain.cache_variables[f"WEFT_BUILD_{unwanted}"] = False
        toolchain.cache_variables["WEFT_BUILD_GRPC"] = bool(self.options.with_grpc)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # Weft's own package, which also has weft_generate.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "weft")]
        self.cpp_info.components["sim_interposers"].libs = ["weft_sim_interposers"]
        for part, (own, others) in PARTS.items():
            if part == "transport_grpc" and not self.options.with_grpc:
                continue
            self.cpp_info.components[part].libs = [f"weft_{part}"]
            self.cpp_info.components[part].requires = own + others
