#!/usr/bin/env python3
"""Style rules that a machine can hold, beyond what clang-format and clang-tidy do.

Each rule is a function from the tree to findings; docs/style.md says why they exist. Run from the
root of the repository: prints a line a finding, and exits with 1 if there are any.
"""

import pathlib
import re
import subprocess
import sys

LINE_MAX = 100
FUNCTION_LINES_MAX = 70
SOURCE_LINES_MAX = 500
HEADER_LINES_MAX = 320

# Which parts a part may include; tests, bench and examples may use everything.
LAYERS = {
    "transport": {"transport"},
    "api": {"api", "transport"},
    "api/adapters": {"adapters", "api", "transport"},
    "transport_grpc": {"transport_grpc", "transport"},
    "transport_sim": {"transport_sim", "transport"},
    "protoc_gen_weft": {"api", "transport"},
}
BANNED_FILE_NAMES = re.compile(r"(^|_)(utils?|common|helpers?|misc)(_|\.|$)")
BANNED_TEXT = [
    (re.compile(r"\bsleep_for\(std::chrono|std::this_thread::sleep|\busleep\(|[^_.]\bsleep\("),
     "a real sleep: wait for a condition, or use weft::sleep_for on a loop"),
    (re.compile(r"\b(FIXME|XXX)\b"), "a leftover: finish it or say who will, in an issue"),
    (re.compile(r"#include <grpc(pp)?/"), None),
    (re.compile(r"#include <google/protobuf/"), None),
]
GRPC_ALLOWED = ("transport_grpc/src/", "tests/", "bench/", "examples/")
PROTOBUF_ALLOWED = ("api/protobuf/", "protoc_gen_weft/", "tests/", "bench/", "examples/")
# The parts of which a table of headers leads to every public header.
PARTS_IN_HEADER_TABLES = ("api/", "transport/", "transport_grpc/")


class Tree:
    """The files under version control, read once."""

    def __init__(self, files):
        self.files = files  # path -> text

    @classmethod
    def from_git(cls):
        names = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout.split("\n")
        files = {}
        for name in filter(None, names):
            path = pathlib.Path(name)
            if path.is_file():
                try:
                    files[name] = path.read_text()
                except UnicodeDecodeError:
                    files[name] = ""
        return cls(files)

    def code(self):
        return {n: t for n, t in self.files.items() if n.endswith((".h", ".cc"))}


def lines(text):
    return enumerate(text.split("\n"), start=1)


def check_lines(tree):
    for name, text in tree.code().items():
        for number, line in lines(text):
            if len(line) > LINE_MAX:
                yield f"{name}:{number}: {len(line)} columns, more than {LINE_MAX}"


def check_sizes(tree):
    for name, text in tree.code().items():
        count = text.count("\n")
        limit = HEADER_LINES_MAX if name.endswith(".h") else SOURCE_LINES_MAX
        if count > limit:
            yield f"{name}: {count} lines, more than {limit}: split it"


def check_functions(tree):
    # A function's body ends, with this format, at a closing brace in the column where it began.
    begin = re.compile(r"^( {0,2})(?! )[\w:<>,&*~\[\] ]+\([^;]*\)[^;]*\{$")
    for name, text in tree.code().items():
        start = None
        for number, line in lines(text):
            if start is None and begin.match(line) and not line.lstrip().startswith(
                    ("class", "struct", "namespace", "enum")):
                start, indent = number, re.match(r" *", line).group()
            elif start is not None and line.rstrip(";") == indent + "}":
                if number - start > FUNCTION_LINES_MAX:
                    yield f"{name}:{start}: a function of {number - start} lines, more than " \
                          f"{FUNCTION_LINES_MAX}"
                start = None


def check_names(tree):
    for name in tree.files:
        if BANNED_FILE_NAMES.search(pathlib.Path(name).name):
            yield f"{name}: name the concept, not 'utils', 'common', 'helpers' or 'misc'"


def check_text(tree):
    for name, text in tree.code().items():
        for number, line in lines(text):
            for pattern, message in BANNED_TEXT:
                if message and pattern.search(line):
                    yield f"{name}:{number}: {message}"


def check_layers(tree):
    include = re.compile(r'#include [<"]weft/(\w+)/')
    for name, text in tree.code().items():
        part = max((layer for layer in LAYERS if name.startswith(layer + "/")), key=len, default="")
        for number, line in lines(text):
            match = include.match(line)
            if match and part and match.group(1) not in LAYERS[part]:
                yield f"{name}:{number}: {part} must not know {match.group(1)}"
            if re.match(r"#include <grpc(pp)?/", line) and not name.startswith(GRPC_ALLOWED):
                yield f"{name}:{number}: gRPC headers belong into transport_grpc/src alone"
            if "#include <google/protobuf/" in line and not name.startswith(PROTOBUF_ALLOWED):
                yield f"{name}:{number}: protobuf headers belong into api/protobuf and protoc_gen_weft alone"


def check_registry(tree):
    """A test file that no CMakeLists.txt names is never run; a header that none names is not installed."""
    for name in tree.code():
        path = pathlib.PurePosixPath(name)
        if name.startswith("tests/") and name.endswith("_test.cc"):
            lists = tree.files.get(f"{path.parent}/CMakeLists.txt", "")
            if not re.search(rf"\b{path.stem}\b", lists):
                yield f"{name}: not registered in {path.parent}/CMakeLists.txt"
        if "/include/" in name:
            root, header = name.split("/include/", 1)
            if header not in tree.files.get(f"{root}/CMakeLists.txt", ""):
                yield f"{name}: not in the HEADERS of {root}/CMakeLists.txt"


def check_guards(tree):
    for name, text in tree.code().items():
        if name.endswith(".h") and not text.startswith("#pragma once\n"):
            yield f"{name}: does not start with #pragma once"


def check_links(tree):
    """Relative links of documents, code blocks aside, lead somewhere."""
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    for name, text in tree.files.items():
        if not name.endswith(".md"):
            continue
        base = pathlib.PurePosixPath(name).parent
        for target in link.findall(re.sub(r"```.*?```", "", text, flags=re.S)):
            parts = []
            for part in (base / target).parts:
                parts.pop() if part == ".." else parts.append(part)
            path = "/".join(parts)
            if path not in tree.files and not any(f.startswith(path + "/") for f in tree.files):
                yield f"{name}: the link to {target} leads nowhere"


def check_snippets(tree):
    """A code block that says where it is from, `<!-- from FILE#NAME -->`, is what stands there.

    In the file the lines stand between `// [NAME]` and `// [/NAME]`, or the same after a `#`.
    """
    block = re.compile(r"<!-- from (\S+)#(\S+) -->\n```\w*\n(.*?)```", re.S)
    for name, text in tree.files.items():
        if not name.endswith(".md"):
            continue
        for source, snippet, shown in block.findall(text):
            found = re.search(rf"^ *(?://|#) \[{snippet}\]\n(.*?)^ *(?://|#) \[/{snippet}\]$",
                              tree.files.get(source, ""), re.S | re.M)
            if not found:
                yield f"{name}: {source} has no snippet {snippet}"
                continue
            body = found.group(1).rstrip("\n").split("\n")
            indent = min((len(line) - len(line.lstrip()) for line in body if line.strip()),
                         default=0)
            if "\n".join(line[indent:] for line in body) != shown.rstrip("\n"):
                yield f"{name}: the code from {source}#{snippet} is stale"


def check_header_table(tree):
    """Where a document says which header to include for what, `<!-- headers -->`, it is so."""
    headers = {n.split("/include/")[1]: t for n, t in tree.code().items() if "/include/" in n}

    def declares(header, name, seen):
        """By itself or by what it includes; a comment does not."""
        if header not in headers or header in seen:
            return False
        seen.add(header)
        code = re.sub(r"//.*", "", headers[header])
        return (re.search(rf"(?:\b(?:class|struct|enum|using|define)\b[^;{{}}]*|[ &>*])\b{name}\b",
                          code) is not None or
                any(declares(each, name, seen) for each in re.findall(r'#include "(.*?)"', code)))

    table = re.compile(r"<!-- headers -->\n(.*?)<!-- end -->", re.S)
    for document, text in tree.files.items():
        for header, what in re.findall(r"^\| `([\w/.]+)` \| (.*) \|$",
                                       "\n".join(table.findall(text)), re.M):
            if header not in headers:
                yield f"{document}: there is no header {header}"
                continue
            for name in re.findall(r"`(\w+)`", what):
                if not declares(header, name, set()):
                    yield f"{document}: {header} does not declare {name}"


def check_headers_are_found(tree):
    """From the tables above, includes lead to every public header of the parts that users include."""
    headers = {n.split("/include/")[1]: n for n in tree.code() if "/include/" in n}
    tables = re.findall(r"<!-- headers -->\n(.*?)<!-- end -->", "\n".join(
        text for name, text in tree.files.items() if name.endswith(".md")), re.S)
    left = re.findall(r"^\| `([\w/.]+)` \|", "\n".join(tables), re.M)
    found = set()
    while left:
        header = left.pop()
        if header in headers and header not in found:
            found.add(header)
            left += re.findall(r'#include "(.*?)"', tree.files[headers[header]])
    for header, name in headers.items():
        if tables and name.startswith(PARTS_IN_HEADER_TABLES) and "/detail/" not in name and \
                header not in found:
            yield f"{name}: no table of headers (docs/cheat_sheet.md) leads to it"


CHECKS = [check_lines, check_sizes, check_functions, check_names, check_text, check_layers,
          check_registry, check_guards, check_links, check_snippets,
          check_header_table, check_headers_are_found]


def findings(tree):
    for check in CHECKS:
        yield from check(tree)


def main():
    found = list(findings(Tree.from_git()))
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
