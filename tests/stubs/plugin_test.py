#!/usr/bin/env python3
"""What protoc-gen-weft writes and says.

    plugin_test.py PROTOC PLUGIN INCLUDE_ROOT[:INCLUDE_ROOT...] [--fix] [UNITTEST ARGUMENT...]

--fix writes the golden files anew, to be reviewed as a difference.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
PROTOS = ["keywords.proto", "no_package.proto", "shop/v1/money.proto", "shop/v1/shop.proto"]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wold-style-cast", "-Werror"]
COMPILERS = [name for name in ["g++-12", "clang++-16"] if shutil.which(name)]


def generate(out, protos, options="", root=HERE / "protos"):
    """Runs protoc with the plugin; gives what it said."""
    command = [PROTOC, f"--plugin=protoc-gen-weft={PLUGIN}", f"-I{root}", f"--weft_out={out}",
               f"--cpp_out={out}"]
    if options:
        command.append(f"--weft_opt={options}")
    return subprocess.run(command + list(protos), capture_output=True, text=True)


def version():
    return subprocess.run([PLUGIN, "--version"], capture_output=True, text=True).stdout.split()[1]


class Written(unittest.TestCase):
    """A directory with what is generated of PROTOS."""

    maxDiff = None

    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.out)

    def generate(self, *args, **named):
        done = generate(self.out, *args, **named)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")

    def refused(self, proto_text="syntax = \"proto3\";", options=""):
        (self.out / "bad.proto").write_text(proto_text)
        done = generate(self.out, ["bad.proto"], options, root=self.out)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def read(self, name):
        return (self.out / name).read_text()

    def compile(self, compiler, *arguments):
        roots = [f"-I{root}" for root in ROOTS]
        return subprocess.run([compiler, "-std=c++20", "-fsyntax-only", *arguments, *roots,
                               "-isystem", self.out], capture_output=True, text=True)


class Goldens(Written):
    def test_every_file_is_as_it_was_reviewed(self):
        self.generate(PROTOS)
        made = {str(path.relative_to(self.out)) + ".golden":
                path.read_text().replace(f"Weft {version()}", "Weft VERSION")
                                .replace(f"weft {version()}", "weft VERSION")
                for path in self.out.rglob("*.weft*")}
        golden = HERE / "golden"
        if FIX:
            shutil.rmtree(golden, ignore_errors=True)
            for name, text in made.items():
                (golden / name).parent.mkdir(parents=True, exist_ok=True)
                (golden / name).write_text(text)
        kept = {str(path.relative_to(golden)): path.read_text() for path in golden.rglob("*.golden")}
        self.assertEqual(sorted(made), sorted(kept))
        for name in made:
            self.assertMultiLineEqual(made[name], kept[name], f"{name} changed; --fix to accept")

    def test_production_code_sees_neither_grpc_nor_the_simulator(self):
        self.generate(PROTOS)
        for path in self.out.rglob("*.weft.pb.*"):
            included = re.findall(r'#include ["<](.*)[">]', path.read_text())
            self.assertTrue(included)
            self.assertFalse([name for name in included if "grpc" in name or "sim" in name])


class Compiled(Written):
    def without_a_warning(self, compiler):
        self.generate(PROTOS)
        program = self.out / "program.cc"
        program.write_text("".join(f'#include "{path.relative_to(self.out)}"\n'
                                   for ending in ["_fake.pb.h", ".pb.cc"]
                                   for path in sorted(self.out.rglob("*.weft*" + ending))))
        done = self.compile(compiler, f"-I{self.out}", *WARNINGS, program)
        self.assertEqual(done.stderr, "")

    def test_without_a_warning_of_gcc(self):
        self.without_a_warning("g++-12")

    @unittest.skipUnless(shutil.which("clang++-16"), "./dev setup installs clang")
    def test_without_a_warning_of_clang(self):
        self.without_a_warning("clang++-16")

    @unittest.skipUnless(shutil.which("clang-tidy-16"), "./dev setup installs clang-tidy")
    def test_without_a_finding_of_clang_tidy(self):
        self.generate(PROTOS)
        config = HERE.parent.parent / ".clang-tidy"
        sources = sorted(str(path) for path in self.out.rglob("*.weft.pb.cc"))
        done = subprocess.run(
            ["clang-tidy-16", "--quiet", f"--config-file={config}", "--header-filter=.*[.]weft.*",
             *sources, "--", "-std=c++20", f"-I{self.out}", *[f"-I{root}" for root in ROOTS]],
            capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_a_call_of_a_deprecated_method_is_a_warning(self):
        self.generate(PROTOS)
        source = self.out / "program.cc"
        source.write_text('#include "shop/v1/shop.weft.pb.h"\n#include "weft/api/channel.h"\n'
                          "void f(shop::v1::ShopClient c) { auto x = c.get_price_in_cents({}); }\n"
                          "void g(shop::v1::ShopClient c) { auto x = c.get_price({}); }\n")
        for compiler in COMPILERS:
            said = self.compile(compiler, source).stderr
            self.assertRegex(said, "get_price_in_cents.* is deprecated")
            self.assertNotRegex(said, "get_price'?[^_].* is deprecated")

    def test_a_handler_of_the_wrong_shape_is_said_to_be_one(self):
        self.generate(PROTOS)
        source = self.out / "program.cc"
        source.write_text('#include "shop/v1/shop.weft_fake.pb.h"\nvoid f(shop::v1::ShopFake& fake)'
                          " { fake.get_price([](const shop::v1::Money&) { return 1; }); }\n")
        for compiler in COMPILERS:
            self.assertIn("HandlerOf", self.compile(compiler, source).stderr)


class Versions(Written):
    def said_with_stubs(self, version_of_library):
        """What a compiler says of generated code and a library of that version."""
        self.generate(PROTOS)
        path = "weft/api/stub_declarations.h"
        real = next(pathlib.Path(root, path) for root in ROOTS if pathlib.Path(root, path).exists())
        other = self.out / "other" / path
        other.parent.mkdir(parents=True)
        other.write_text(re.sub(r"(?<=WEFT_STUB_VERSION )\d+", str(version_of_library),
                                real.read_text()))
        return self.compile("g++-12", "-I", self.out / "other",
                            self.out / "shop/v1/shop.weft.pb.cc").stderr

    def test_code_older_than_the_library_says_to_generate_it_again(self):
        self.assertRegex(self.said_with_stubs(999),
                         "#error .*older than this Weft: generate it again")

    def test_code_newer_than_the_library_says_what_fits(self):
        self.assertRegex(self.said_with_stubs(0), "#error .*newer than this Weft: .*or later")


class Options(Written):
    def test_fakes_can_be_left_out(self):
        self.generate(["shop/v1/shop.proto"], options="fakes=false")
        self.assertFalse(list(self.out.rglob("*fake*")))
        self.assertTrue((self.out / "shop/v1/shop.weft.pb.h").exists())

    def test_methods_can_keep_their_names(self):
        self.generate(["shop/v1/shop.proto"], options="method_names=proto")
        self.assertIn(" GetPrice(const", self.read("shop/v1/shop.weft.pb.h"))

    def test_clients_can_have_a_namespace_of_their_own(self):
        self.generate(PROTOS, options="services_namespace=a::b")
        self.assertIn("namespace shop::v1::a::b {", self.read("shop/v1/shop.weft.pb.h"))
        self.assertIn("namespace a::b {", self.read("no_package.weft.pb.h"))
        done = self.compile("g++-12", *WARNINGS, self.out / "shop/v1/shop.weft.pb.cc")
        self.assertEqual(done.stderr, "")

    def test_headers_of_messages_can_end_otherwise(self):
        self.generate(["no_package.proto"], options="message_header_extension=.proto.h")
        self.assertIn('#include "no_package.proto.h"', self.read("no_package.weft.pb.h"))

    def test_an_unknown_one_is_refused_with_the_known(self):
        said = self.refused(options="fake=true")
        self.assertIn("unknown option 'fake'", said)
        for known in ["fakes", "message_header_extension", "method_names", "services_namespace"]:
            self.assertIn(known, said)

    def test_a_bad_value_is_refused_with_the_good(self):
        for option in ["fakes=yes", "method_names=camel", "services_namespace=a.b",
                       "services_namespace=1a", "services_namespace=a::", "services_namespace=",
                       "message_header_extension="]:
            key, value = option.split("=")
            self.assertIn(f"option {key} cannot be '{value}'", self.refused(options=option))


class Clashes(Written):
    def test_two_methods_of_one_name_in_cpp_are_refused(self):
        said = self.refused('syntax = "proto3"; message M {}'
                            "service S { rpc GetIt(M) returns (M); rpc get_it(M) returns (M); }")
        self.assertIn("rpc get_it of service S would be get_it in C++, and so is rpc GetIt", said)
        self.assertIn("method_names", said)

    def test_a_message_called_like_a_client_is_refused(self):
        text = 'syntax = "proto3"; package p; message SClient {} service S {}'
        said = self.refused(text)
        self.assertIn("needs the name SClient", said)
        self.assertIn("services_namespace", said)
        (self.out / "bad.proto").write_text(text)
        self.generate(["bad.proto"], options="services_namespace=rpc", root=self.out)


if __name__ == "__main__":
    FIX = "--fix" in sys.argv
    PROTOC, PLUGIN = sys.argv[1:3]
    ROOTS = sys.argv[3].split(":")
    unittest.main(argv=[sys.argv[0]] + [a for a in sys.argv[4:] if a != "--fix"])
