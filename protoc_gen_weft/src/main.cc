// protoc-gen-weft: typed clients and fakes of the services in a .proto.
//
//   protoc --weft_out=DIR [--weft_opt=KEY=VALUE,...] --cpp_out=DIR x.proto
//
// writes x.weft.pb.h, x.weft.pb.cc and x.weft_fake.pb.h beside protoc's own x.pb.h; docs/stubs.md.

#include <google/protobuf/compiler/plugin.h>

#include <cstring>
#include <iostream>

#include "generator.h"
#include "weft/api/stub_declarations.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::cout << "protoc-gen-weft " << WEFT_VERSION << " (stubs " << WEFT_STUB_VERSION << ")\n";
    return 0;
  }
  const weft::codegen::Generator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
