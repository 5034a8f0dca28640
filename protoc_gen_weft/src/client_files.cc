#include "client_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "generated_text.h"
#include "weft/api/stub_declarations.h"

namespace weft::codegen {
namespace {

using Values = GeneratedText::Values;

constexpr char deprecation[] = "[[deprecated]] ";

Values values_of(const ServiceModel& service) {
  return {{"service", service.full_name},
          {"client", service.client()},
          {"methods", service.methods_class()},
          {"deprecated", service.deprecated ? deprecation : ""}};
}

Values values_of(const ServiceModel& service, const MethodModel& method) {
  Values values = values_of(service);
  values["deprecated"] = method.deprecated ? deprecation : "";
  values["name"] = method.name;
  values["full_name"] = method.full_name;
  values["descriptor"] = method.descriptor();
  values["call"] = method.call();
  values["kind"] = std::string(to_string(method.kind));
  const bool one_request = request_cardinality(method.kind) == Cardinality::one;
  values["parameter"] = one_request ? absl::StrCat("const ", method.request, "& request") : "";
  values["argument"] = one_request ? ", request" : "";
  values["comma"] = one_request ? ", " : "";
  return values;
}

void open_namespace(GeneratedText& out, const FileModel& file) {
  if (!file.cpp_namespace.empty()) out.add("namespace $name$ {\n", {{"name", file.cpp_namespace}});
}

void close_namespace(GeneratedText& out, const FileModel& file) {
  if (!file.cpp_namespace.empty()) {
    out.add("\n}  // namespace $name$\n", {{"name", file.cpp_namespace}});
  }
}

void add_version_check(GeneratedText& out, const FileModel& file) {
  out.add(
      "\n#if WEFT_STUB_VERSION < $stubs$\n"
      "#error \"$stem$.weft.pb.h is newer than this Weft: generate it with the protoc-gen-weft of "
      "this Weft, as weft_generate does, or use Weft $version$ or later.\"\n"
      "#elif WEFT_STUB_VERSION > $stubs$\n"
      "#error \"$stem$.weft.pb.h is older than this Weft: generate it again, with the "
      "protoc-gen-weft of this Weft, as weft_generate does.\"\n"
      "#endif\n",
      {{"stubs", absl::StrCat(WEFT_STUB_VERSION)}, {"version", WEFT_VERSION}, {"stem", file.stem}});
}

void add_methods_class(GeneratedText& out, const ServiceModel& service) {
  out.add(R"(
// The methods of $service$.
class $methods$ {
 public:
)",
          values_of(service));
  for (const MethodModel& method : service.methods) {
    out.add("  static const $descriptor$ $name$;\n", values_of(service, method));
  }
  out.add("};\n");
}

void add_client_method(GeneratedText& out, const ServiceModel& service, const MethodModel& method) {
  const Values values = values_of(service, method);
  out.add("\n");
  out.add_comment("  ", method.comment);
  out.add(R"(  $deprecated$$call$ $name$($parameter$) const;
  $deprecated$$call$ $name$($parameter$$comma$::weft::CallOptions options) const;
)",
          values);
  if (request_cardinality(method.kind) == Cardinality::one) return;
  out.add(R"(  // The same call, with a request source that it takes over.
  template <class Source, class Options = ::weft::CallOptions, class Channel = ::weft::Channel>
  $deprecated$auto $name$(Source requests, Options options = Options()) const {
    return static_cast<Channel*>(channel_)
        ->$kind$($methods$::$name$, ::std::move(requests), ::std::move(options));
  }
)",
          values);
}

void add_client_class(GeneratedText& out, const ServiceModel& service) {
  const Values values = values_of(service);
  out.add("\n// A client of $service$. Include weft/api/channel.h where you make calls.\n//\n",
          values);
  if (!service.comment.empty()) {
    out.add_comment("", service.comment);
    out.add("//\n");
  }
  out.add(
      "// Lifetime: the channel must outlive it; its calls do not need it. Threads: the thread of "
      "the\n"
      "// channel's loop.\n");
  out.add(R"(class $deprecated$$client$ {
 public:
  explicit $client$(::weft::Channel& channel) : channel_(&channel) {}
)",
          values);
  for (const MethodModel& method : service.methods) add_client_method(out, service, method);
  out.add(R"(
 private:
  [[maybe_unused]] ::weft::Channel* channel_;
};
)",
          values);
}

void add_definitions(GeneratedText& out, const ServiceModel& service) {
  for (const MethodModel& method : service.methods) {
    out.add(R"(
constinit const $descriptor$ $methods$::$name$("$full_name$");

$call$ $client$::$name$($parameter$) const {
  return channel_->$kind$($methods$::$name$$argument$);
}
$call$ $client$::$name$($parameter$$comma$::weft::CallOptions options) const {
  return channel_->$kind$($methods$::$name$$argument$, ::std::move(options));
}
)",
            values_of(service, method));
  }
}

}  // namespace

std::string client_header(const FileModel& file) {
  GeneratedText out(file.path);
  out.add(R"(#pragma once

#include <utility>

#include "$message_header$"
#include "weft/api/stub_declarations.h"
)",
          {{"message_header", file.message_header}});
  add_version_check(out, file);
  if (file.services.empty()) return std::move(out).finish();
  if (file.names_deprecated) {
    out.add(R"(
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
)");
  }
  out.add("\n");
  open_namespace(out, file);
  for (const ServiceModel& service : file.services) {
    add_methods_class(out, service);
    add_client_class(out, service);
  }
  close_namespace(out, file);
  if (file.names_deprecated) out.add("\n#pragma GCC diagnostic pop\n");
  return std::move(out).finish();
}

std::string client_source(const FileModel& file) {
  GeneratedText out(file.path);
  out.add("#include \"$stem$.weft.pb.h\"\n", {{"stem", file.stem}});
  if (file.services.empty()) return std::move(out).finish();
  out.add(R"(
#include "weft/api/channel.h"
#include "weft/api/protobuf_codec.h"
)");
  if (file.names_deprecated) {
    out.add("\n#pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"\n");
  }
  out.add("\n");
  open_namespace(out, file);
  for (const ServiceModel& service : file.services) add_definitions(out, service);
  close_namespace(out, file);
  return std::move(out).finish();
}

}  // namespace weft::codegen
