#include "fake_file.h"

#include <utility>

#include "generated_text.h"

namespace weft::codegen {
namespace {

using Values = GeneratedText::Values;

// What a handler is called with, and what it gives.
const char* handler_shape(CallKind kind) {
  switch (kind) {
    case CallKind::unary_unary:
      return "handler(request[, call]) gives an absl::StatusOr of the response";
    case CallKind::unary_stream:
      return "handler(request, call) writes the responses to the call and gives an absl::Status";
    case CallKind::stream_unary:
      return "handler(call) reads the requests from the call and gives an absl::StatusOr of the "
             "response";
    case CallKind::stream_stream:
      return "handler(call) reads and writes the call and gives an absl::Status";
  }
  return "?";
}

void add_method(GeneratedText& out, const ServiceModel& service, const MethodModel& method) {
  out.add("\n");
  out.add_comment("  ", method.comment);
  if (!method.comment.empty()) out.add("  //\n");
  out.add(R"(  // $shape$.
  using $call_name$ = ::weft::sim::ServerCall<$request$, $response$>;
  template <::weft::sim::HandlerOf<decltype($methods$::$name$)> Handler>
  $fake$& $name$(Handler handler) {
    server_->serve($methods$::$name$, ::std::move(handler));
    return *this;
  }
)",
          {{"shape", handler_shape(method.kind)},
           {"call_name", method.call_name},
           {"request", method.request},
           {"response", method.response},
           {"fake", service.fake()},
           {"name", method.name},
           {"methods", service.methods_class()}});
}

void add_fake(GeneratedText& out, const ServiceModel& service) {
  const Values values = {{"service", service.full_name}, {"fake", service.fake()}};
  out.add(R"(
// Makes a simulated server a $service$, method by method; those without a handler answer
// UNIMPLEMENTED. A handler gives its result at once or, as a coroutine, in a weft::Task.
//
// Lifetime: the server must outlive it; the server keeps the handlers.
class $fake$ {
 public:
  explicit $fake$(::weft::sim::Server& server) : server_(&server) {}
)",
          values);
  for (const MethodModel& method : service.methods) add_method(out, service, method);
  out.add(R"(
 private:
  [[maybe_unused]] ::weft::sim::Server* server_;
};
)",
          values);
}

}  // namespace

std::string fake_header(const FileModel& file) {
  GeneratedText out(file.path);
  out.add(R"(#pragma once

#include "$stem$.weft.pb.h"
)",
          {{"stem", file.stem}});
  if (file.services.empty()) return std::move(out).finish();
  for (const char* header : {"api/channel.h", "api/protobuf_codec.h", "transport_sim/handler.h",
                             "transport_sim/server.h"}) {
    out.add("#include \"weft/$header$\"\n", {{"header", header}});
  }
  if (file.names_deprecated) {
    out.add(R"(
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
)");
  }
  if (!file.cpp_namespace.empty()) {
    out.add("\nnamespace $name$ {\n", {{"name", file.cpp_namespace}});
  }
  for (const ServiceModel& service : file.services) add_fake(out, service);
  if (!file.cpp_namespace.empty()) {
    out.add("\n}  // namespace $name$\n", {{"name", file.cpp_namespace}});
  }
  if (file.names_deprecated) out.add("\n#pragma GCC diagnostic pop\n");
  return std::move(out).finish();
}

}  // namespace weft::codegen
