#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace weft::codegen {

// How the RPCs of a service are called in C++: GetFeature as get_feature, or as it is.
enum class MethodNames { snake_case, proto };

// What a user may ask of the plugin, as --weft_opt=KEY=VALUE,KEY=VALUE.
class PluginOptions {
 public:
  // INVALID_ARGUMENT, naming the options that there are, for any other.
  static absl::StatusOr<PluginOptions> parse(const std::string& parameter);

  // services_namespace: clients and fakes go into this namespace, within that of the package.
  std::string services_namespace;
  MethodNames method_names = MethodNames::snake_case;
  // Whether to write x.weft_fake.pb.h.
  bool fakes = true;
  // How the headers of messages end.
  std::string message_header_extension = ".pb.h";
};

}  // namespace weft::codegen
