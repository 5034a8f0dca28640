#include "service_model.h"

#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.pb.h>

#include <initializer_list>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cpp_names.h"

namespace weft::codegen {
namespace {

namespace pb = google::protobuf;

CallKind kind_of(const pb::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? CallKind::stream_stream : CallKind::stream_unary;
  }
  return method.server_streaming() ? CallKind::unary_stream : CallKind::unary_unary;
}

template <class Descriptor>
std::string comment_of(const Descriptor& descriptor) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return std::string();
  return location.leading_comments.empty() ? location.trailing_comments : location.leading_comments;
}

MethodModel model_of(const pb::MethodDescriptor& method, const PluginOptions& options) {
  MethodModel model;
  model.name = usable_name(options.method_names == MethodNames::proto ? method.name()
                                                                      : snake_case(method.name()));
  model.call_name = absl::StrCat(method.name(), "Call");
  model.full_name = absl::StrCat("/", method.service()->full_name(), "/", method.name());
  model.kind = kind_of(method);
  model.request = pb::compiler::cpp::QualifiedClassName(method.input_type());
  model.response = pb::compiler::cpp::QualifiedClassName(method.output_type());
  model.deprecated = method.options().deprecated();
  model.comment = comment_of(method);
  return model;
}

// Two RPCs whose names differ in the .proto and not in C++, or one that has the name of something
// that every client or fake has.
absl::Status check_method_names(const ServiceModel& service, const pb::ServiceDescriptor& from) {
  std::map<std::string, std::string> owners;
  for (const std::string& own : {service.client(), service.methods_class(), service.fake(),
                                 std::string("channel_"), std::string("server_")}) {
    owners[own] = "the generated code itself";
  }
  for (int i = 0; i < from.method_count(); ++i) {
    const MethodModel& method = service.methods[static_cast<std::size_t>(i)];
    for (const std::string& name : {method.name, method.call_name}) {
      const auto [owner, is_new] =
          owners.emplace(name, absl::StrCat("rpc ", from.method(i)->name()));
      if (!is_new) {
        return absl::InvalidArgumentError(
            absl::StrCat("rpc ", from.method(i)->name(), " of service ", service.full_name,
                         " would be ", name, " in C++, and so is ", owner->second,
                         ": rename it, or choose other names with the option method_names"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status check_class_names(const ServiceModel& service, const pb::FileDescriptor& file) {
  const std::string scope = file.package().empty() ? "" : absl::StrCat(file.package(), ".");
  for (const std::string& name : {service.client(), service.methods_class(), service.fake()}) {
    const std::string full_name = absl::StrCat(scope, name);
    if (file.pool()->FindMessageTypeByName(full_name) != nullptr ||
        file.pool()->FindEnumTypeByName(full_name) != nullptr ||
        file.pool()->FindServiceByName(full_name) != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "service ", service.full_name, " needs the name ", name, " for itself, which ", full_name,
          " has: put the clients into a namespace of their own, with the option "
          "services_namespace=NAME"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string MethodModel::descriptor() const {
  return absl::StrCat("::weft::MethodDescriptor<::weft::CallKind::", std::string(to_string(kind)),
                      ", ", request, ", ", response, ">");
}

std::string MethodModel::call() const {
  const bool streams_requests = request_cardinality(kind) == Cardinality::many;
  const bool streams_responses = response_cardinality(kind) == Cardinality::many;
  return absl::StrCat("::weft::", streams_requests ? "Stream" : "Unary",
                      streams_responses ? "Stream" : "Unary", "Call<", request, ", ", response,
                      ">");
}

absl::StatusOr<FileModel> FileModel::make(const pb::FileDescriptor& file,
                                          const PluginOptions& options) {
  FileModel model;
  model.path = file.name();
  model.stem = pb::compiler::cpp::StripProto(file.name());
  model.message_header = absl::StrCat(model.stem, options.message_header_extension);
  model.cpp_namespace = absl::StrReplaceAll(file.package(), {{".", "::"}});
  if (!options.services_namespace.empty()) {
    absl::StrAppend(&model.cpp_namespace,
                    model.cpp_namespace.empty() ? "" : "::", options.services_namespace);
  }
  for (int i = 0; i < file.service_count(); ++i) {
    const pb::ServiceDescriptor& from = *file.service(i);
    ServiceModel service;
    service.name = from.name();
    service.full_name = from.full_name();
    service.deprecated = from.options().deprecated();
    service.comment = comment_of(from);
    model.names_deprecated |= service.deprecated;
    for (int j = 0; j < from.method_count(); ++j) {
      const pb::MethodDescriptor& method = *from.method(j);
      service.methods.push_back(model_of(method, options));
      model.names_deprecated |= method.options().deprecated() ||
                                method.input_type()->options().deprecated() ||
                                method.output_type()->options().deprecated();
    }
    if (absl::Status names = check_method_names(service, from); !names.ok()) return names;
    if (options.services_namespace.empty()) {
      if (absl::Status names = check_class_names(service, file); !names.ok()) return names;
    }
    model.services.push_back(std::move(service));
  }
  return model;
}

}  // namespace weft::codegen
