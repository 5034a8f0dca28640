#include "plugin_options.h"

#include <google/protobuf/compiler/code_generator.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace weft::codegen {
namespace {

constexpr char known_options[] =
    "  fakes=true|false             write x.weft_fake.pb.h, for tests; true unless told\n"
    "  message_header_extension=X   how protoc's headers of messages end; .pb.h unless told\n"
    "  method_names=snake_case|proto   GetFeature is called get_feature, or GetFeature\n"
    "  services_namespace=NAME      a namespace of its own for clients, within the package's";

absl::Status bad_value(const std::string& key, const std::string& value) {
  return absl::InvalidArgumentError(absl::StrCat("option ", key, " cannot be '", value,
                                                 "'; the options of protoc-gen-weft are\n",
                                                 known_options));
}

// Whether it may stand between "namespace" and "{".
bool is_namespace(const std::string& name) {
  bool at_start = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == ':' && !at_start && name.compare(i, 2, "::") == 0) {
      at_start = true;
      ++i;
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (at_start || c < '0' || c > '9')) return false;
    at_start = false;
  }
  return !at_start;
}

}  // namespace

absl::StatusOr<PluginOptions> PluginOptions::parse(const std::string& parameter) {
  std::vector<std::pair<std::string, std::string>> pairs;
  google::protobuf::compiler::ParseGeneratorParameter(parameter, &pairs);
  PluginOptions options;
  for (const auto& [key, value] : pairs) {
    if (key == "fakes") {
      if (value != "true" && value != "false") return bad_value(key, value);
      options.fakes = value == "true";
    } else if (key == "message_header_extension") {
      if (value.empty()) return bad_value(key, value);
      options.message_header_extension = value;
    } else if (key == "method_names") {
      if (value != "snake_case" && value != "proto") return bad_value(key, value);
      options.method_names = value == "proto" ? MethodNames::proto : MethodNames::snake_case;
    } else if (key == "services_namespace") {
      if (!is_namespace(value)) return bad_value(key, value);
      options.services_namespace = value;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown option '", key, "'; the options of protoc-gen-weft are\n", known_options));
    }
  }
  return options;
}

}  // namespace weft::codegen
