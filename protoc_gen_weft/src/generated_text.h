#pragma once

#include <map>
#include <string>
#include <string_view>

namespace weft::codegen {

// A generated file, which is written from templates: $name$ stands for a value.
class GeneratedText {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;

  // Begins with who wrote it, from which .proto.
  explicit GeneratedText(const std::string& proto);

  // Every name that the template mentions must be among the values.
  void add(std::string_view text, const Values& values = Values());
  // A comment of a .proto, as one of C++.
  void add_comment(std::string_view indent, std::string_view comment);

  std::string finish() &&;

 private:
  std::string text_;
};

}  // namespace weft::codegen
