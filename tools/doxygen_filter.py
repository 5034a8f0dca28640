#!/usr/bin/env python3
"""Doxygen's view of a header: comments before declarations become `///`, code in them a code block.

The style of comments is plain `//`; examples in them are indented by two or more spaces. Texts such
as "<RPC object>" and `#include` are no markup.
"""

import re
import sys

# What the style has class comments say, one paragraph each.
TOPIC = re.compile(r"(Lifetime|Threads|Errors|Order|Races|Waiting|Usage errors|Giving up): ")
COMMENT = re.compile(r"^( *)//(?: (.*))?$")


def as_doxygen(comment):
    """The lines of one comment, without slashes, as Doxygen is to see them."""
    shown, in_code = [], False
    for position, line in enumerate(comment):
        is_code = line.startswith("  ") or (in_code and not line and any(
            rest.startswith("  ") for rest in comment[position + 1:position + 2]))
        if is_code and not in_code:
            shown.append("@code{.cc}")
        if in_code and not is_code:
            shown.append("@endcode")
        in_code = is_code
        if TOPIC.match(line):
            shown.append("")
        shown.append(line if is_code else re.sub(r"([<>#@\\&])", r"\\\1", line))
    if in_code:
        shown.append("@endcode")
    return shown


def filtered(text):
    out, comment, indent = [], [], ""

    def flush(documents):
        if documents:
            out.extend(f"{indent}/// {line}".rstrip() for line in as_doxygen(comment))
        else:
            out.extend(f"{indent}// {line}".rstrip() for line in comment)
        comment.clear()

    for line in text.split("\n"):
        found = COMMENT.match(line)
        if found and not line.lstrip().startswith("// ---"):
            indent = found.group(1)
            comment.append(found.group(2) or "")
            continue
        if comment:
            # One that no declaration follows is a remark.
            flush(bool(line.strip()) and not line.lstrip().startswith(("#include", "}", "return")))
        # A remark behind a member documents that member.
        out.append(re.sub(r"^( +\w[^/\"]*[;,]) +// (?=\S)", r"\1  ///< ", line))
    if comment:
        flush(False)
    return "\n".join(out)


if __name__ == "__main__":
    sys.stdout.write(filtered(open(sys.argv[1], encoding="utf-8").read()))
