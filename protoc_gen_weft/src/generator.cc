#include "generator.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <memory>

#include "client_files.h"
#include "fake_file.h"
#include "plugin_options.h"
#include "service_model.h"

namespace weft::codegen {
namespace {

void write(google::protobuf::compiler::GeneratorContext& context, const std::string& name,
           const std::string& text) {
  const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> output(context.Open(name));
  google::protobuf::io::CodedOutputStream coded(output.get());
  coded.WriteString(text);
}

}  // namespace

bool Generator::Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                         google::protobuf::compiler::GeneratorContext* context,
                         std::string* error) const {
  const absl::StatusOr<PluginOptions> options = PluginOptions::parse(parameter);
  if (!options.ok()) {
    *error = std::string(options.status().message());
    return false;
  }
  const absl::StatusOr<FileModel> model = FileModel::make(*file, *options);
  if (!model.ok()) {
    *error = std::string(model.status().message());
    return false;
  }
  write(*context, model->stem + ".weft.pb.h", client_header(*model));
  write(*context, model->stem + ".weft.pb.cc", client_source(*model));
  if (options->fakes) write(*context, model->stem + ".weft_fake.pb.h", fake_header(*model));
  return true;
}

}  // namespace weft::codegen
