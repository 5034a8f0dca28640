#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin_options.h"
#include "weft/transport/method.h"

namespace weft::codegen {

// An RPC as C++ has it.
class MethodModel {
 public:
  std::string name;       // get_feature
  std::string call_name;  // GetFeatureCall: what a handler has in hand
  std::string full_name;  // /routeguide.RouteGuide/GetFeature
  CallKind kind;
  std::string request;  // ::routeguide::Point
  std::string response;
  bool deprecated;
  std::string comment;  // as the .proto has it; empty if it has none

  // ::weft::MethodDescriptor<...>
  std::string descriptor() const;
  // ::weft::UnaryUnaryCall<...>
  std::string call() const;
};

class ServiceModel {
 public:
  std::string name;       // RouteGuide
  std::string full_name;  // routeguide.RouteGuide
  bool deprecated;
  std::string comment;
  std::vector<MethodModel> methods;

  std::string client() const { return name + "Client"; }
  std::string methods_class() const { return name + "Methods"; }
  std::string fake() const { return name + "Fake"; }
};

// What is generated of one .proto.
class FileModel {
 public:
  // INVALID_ARGUMENT, saying what to change, if two things would have the same name in C++.
  static absl::StatusOr<FileModel> make(const google::protobuf::FileDescriptor& file,
                                        const PluginOptions& options);

  std::string path;            // dir/route_guide.proto
  std::string stem;            // dir/route_guide
  std::string message_header;  // dir/route_guide.pb.h
  std::string cpp_namespace;   // routeguide; empty without package
  // A service, a method or one of their messages is deprecated: naming it in C++ is a warning.
  bool names_deprecated = false;
  std::vector<ServiceModel> services;
};

}  // namespace weft::codegen
