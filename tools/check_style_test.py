#!/usr/bin/env python3
"""Every rule of check_style.py finds what it is for, and nothing in a clean tree."""

import unittest

from check_style import Tree, findings

CLEAN = {
    "api/include/weft/api/task.h": '#pragma once\n\n#include "weft/transport/stream.h"\n',
    "api/CMakeLists.txt": "HEADERS weft/api/task.h",
    "tests/api/task_test.cc": "int main() {}\n",
    "tests/api/CMakeLists.txt": "weft_add_test(task_test LIBRARIES weft::api)",
}


def found(extra):
    return list(findings(Tree({**CLEAN, **extra})))


class CheckStyle(unittest.TestCase):
    def assert_one(self, extra, part):
        result = found(extra)
        self.assertEqual(len(result), 1, result)
        self.assertIn(part, result[0])

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(found({}), [])

    def test_long_lines_are_found(self):
        self.assert_one({"a.cc": "x" * 101 + "\n"}, "101 columns")

    def test_long_files_are_found(self):
        self.assert_one({"a.cc": "\n" * 501}, "split it")

    def test_long_functions_are_found(self):
        body = "void f() {\n" + "  g();\n" * 71 + "}\n"
        self.assert_one({"a.cc": body}, "a function of 72 lines")

    def test_functions_of_seventy_lines_pass(self):
        self.assertEqual(found({"a.cc": "void f() {\n" + "  g();\n" * 68 + "}\n"}), [])

    def test_attic_names_are_found(self):
        self.assert_one({"api/src/string_utils.cc": ""}, "name the concept")

    def test_real_sleeps_are_found(self):
        self.assert_one({"a.cc": "  std::this_thread::sleep_for(x);\n"}, "a real sleep")

    def test_wrong_arrows_are_found(self):
        self.assert_one({"transport/src/a.cc": '#include "weft/api/task.h"\n'},
                        "transport must not know api")
        self.assert_one({"api/src/a.cc": '#include "weft/adapters/future.h"\n'},
                        "api must not know adapters")

    def test_a_part_within_a_part_has_arrows_of_its_own(self):
        self.assertEqual(found({"api/adapters/src/a.cc": '#include "weft/adapters/future.h"\n'}), [])
        self.assert_one({"api/adapters/src/a.cc": '#include "weft/transport_grpc/x.h"\n'},
                        "api/adapters must not know transport_grpc")

    def test_grpc_headers_outside_their_part_are_found(self):
        self.assert_one({"api/src/a.cc": "#include <grpc/grpc.h>\n"}, "gRPC headers")

    def test_protobuf_headers_outside_their_part_are_found(self):
        self.assert_one({"api/src/a.cc": "#include <google/protobuf/message.h>\n"},
                        "protobuf headers")

    def test_unregistered_tests_are_found(self):
        self.assert_one({"tests/api/new_test.cc": ""}, "not registered")

    def test_unregistered_headers_are_found(self):
        self.assert_one({"api/include/weft/api/new.h": "#pragma once\n"}, "not in the HEADERS")

    def test_missing_guards_are_found(self):
        self.assert_one({"tests/api/x.h": "int x;\n"}, "#pragma once")

    def test_code_blocks_have_no_links(self):
        code = "```cpp\nf([](const int x) { use(x); });\n```"
        self.assertEqual(found({"docs/a.md": code}), [])

    def test_dead_links_are_found(self):
        self.assert_one({"docs/a.md": "[see](../nowhere.md)"}, "leads nowhere")

    def test_live_links_pass(self):
        self.assertEqual(found({"docs/a.md": "[see](../api/CMakeLists.txt) [it](../api)"}), [])

    def test_stale_snippets_are_found(self):
        self.assert_one({"a.cc": "  // [one]\n  f();\n  // [/one]\n",
                         "docs/a.md": "<!-- from a.cc#one -->\n```cpp\ng();\n```\n"}, "stale")

    def test_fresh_snippets_pass(self):
        self.assertEqual(found({"a.cc": "  // [one]\n  f();\n  // [/one]\n",
                                "docs/a.md": "<!-- from a.cc#one -->\n```cpp\nf();\n```\n"}), [])

    def header_table(self, row):
        task = "#pragma once\nclass Task {};\nvoid run(Task task);\n"
        return {"api/include/weft/api/task.h": task,
                "api/include/weft/api/call.h": '#pragma once\n#include "weft/api/task.h"\n// Gone\n',
                "api/CMakeLists.txt": "HEADERS weft/api/task.h weft/api/call.h",
                "a.md": f"<!-- headers -->\n| include | for |\n| --- | --- |\n{row}\n<!-- end -->\n"}

    def test_names_are_looked_for_in_the_header_and_in_what_it_includes(self):
        self.assertEqual(found(self.header_table("| `weft/api/call.h` | `Task`, `run` |")), [])

    def test_a_name_that_a_header_does_not_declare_is_found(self):
        self.assert_one(self.header_table("| `weft/api/call.h` | `Task`, `Gone` |"),
                        "weft/api/call.h does not declare Gone")

    def test_a_header_that_is_not_there_is_found(self):
        self.assert_one(self.header_table("| `weft/api/cal.h` | `Task` |\n"
                                          "| `weft/api/call.h` | `Task` |"),
                        "there is no header weft/api/cal.h")

    def test_a_public_header_that_no_table_leads_to_is_found(self):
        self.assert_one(self.header_table("| `weft/api/task.h` | `Task` |"),
                        "api/include/weft/api/call.h: no table of headers")

    def test_details_and_other_parts_need_no_table(self):
        headers = {name: "#pragma once\n" for name in [
            "api/include/weft/api/detail/x.h", "transport_sim/include/weft/transport_sim/x.h"]}
        self.assertEqual(found({**self.header_table("| `weft/api/call.h` | `Task` |"), **headers,
                                "api/CMakeLists.txt": "weft/api/task.h weft/api/call.h "
                                                      "weft/api/detail/x.h",
                                "transport_sim/CMakeLists.txt": "weft/transport_sim/x.h"}), [])


if __name__ == "__main__":
    unittest.main(verbosity=0)
