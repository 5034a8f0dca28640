#!/usr/bin/env python3
"""What including a generated client costs a compiler, beside the same service's grpc.pb.h.

    compile_time_test.py PROTOC PLUGIN GRPC_PLUGIN PROTO INCLUDE_ROOT[:INCLUDE_ROOT...] [PAIRS]

Compiles both programs in turn, which is first alternating, and compares the medians of the
processor time that the compiler took. Fails if including a client costs more than RATIO_MAX of
including grpc.pb.h. What a program costs that makes a call is said, of one pair, not judged.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

RATIO_MAX = 0.60
COMPILERS = [name for name in ["g++-12", "clang++-16"] if shutil.which(name)]
PROGRAMS = {
    "include": ('#include "{stem}.grpc.pb.h"\n', '#include "{stem}.weft.pb.h"\n'),
    "unary call": (
        """#include <grpcpp/grpcpp.h>
#include "{stem}.grpc.pb.h"
grpc::Status get(routeguide::RouteGuide::Stub& stub, const routeguide::Point& point,
                 routeguide::Feature& feature) {{
  grpc::ClientContext context;
  return stub.GetFeature(&context, point, &feature);
}}
""",
        """#include "{stem}.weft.pb.h"
#include "weft/api/channel.h"
weft::Task<absl::StatusOr<routeguide::Feature>> get(routeguide::RouteGuideClient client,
                                                    routeguide::Point point) {{
  auto call = client.get_feature(point);
  co_return co_await call;
}}
"""),
}


def seconds(command):
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return (after.children_user - before.children_user +
            after.children_system - before.children_system)


def measure(compiler, flags, sources, pairs):
    """The medians of the processor times of both, in seconds; the first round warms up."""
    times = ([], [])
    for pair in range(pairs + 1):
        for which in ((0, 1) if pair % 2 else (1, 0)):
            took = seconds([compiler, *flags, "-c", sources[which], "-o", "/dev/null"])
            if pair:
                times[which].append(took)
    return [statistics.median(each) for each in times]


def main():
    protoc, plugin, grpc_plugin, proto, roots = sys.argv[1:6]
    pairs = int(sys.argv[6]) if len(sys.argv) > 6 else 7
    proto = pathlib.Path(proto)
    failed = False
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([protoc, f"-I{proto.parent}", f"--plugin=protoc-gen-weft={plugin}",
                        f"--plugin=protoc-gen-grpc={grpc_plugin}", f"--cpp_out={out}",
                        f"--weft_out={out}", f"--grpc_out={out}", proto], check=True)
        flags = ["-std=c++20", "-O2", f"-I{out}", *[f"-I{root}" for root in roots.split(":")]]
        for what, texts in PROGRAMS.items():
            sources = []
            for name, text in zip(["grpc", "weft"], texts):
                source = pathlib.Path(out, f"{name}_{what.replace(' ', '_')}.cc")
                source.write_text(text.format(stem=proto.stem))
                sources.append(source)
            for compiler in COMPILERS:
                judged = what == "include"
                theirs, ours = measure(compiler, flags, sources, pairs if judged else 1)
                bad = judged and ours > RATIO_MAX * theirs
                failed |= bad
                limit = f", at most {RATIO_MAX:.0%}" if judged else ""
                print(f"{what:10}  {compiler:10}  grpc.pb.h {theirs:.2f} s  weft.pb.h {ours:.2f} s  "
                      f"{ours / theirs:.0%}{limit}{'  TOO MUCH' if bad else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
