#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sim::detail {

// JSON, a member a line. Texts may hold anything.
class JsonWriter {
 public:
  void begin(std::string_view key, char bracket);
  void end(char bracket);

  void value(std::string_view key, std::string_view text);
  void value(std::string_view key, const char* text) { value(key, std::string_view(text)); }
  void value(std::string_view key, const std::string& text) { value(key, std::string_view(text)); }
  void value(std::string_view key, bool truth) { raw(key, truth ? "true" : "false"); }
  void value(std::string_view key, double number);
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  void value(std::string_view key, Number number) {
    raw(key, std::to_string(number));
  }
  // 64 bits do not fit into the numbers of most readers.
  void hash(std::string_view key, std::uint64_t hash);
  void null(std::string_view key) { raw(key, "null"); }

  std::string take() { return text_ + "\n"; }

 private:
  void raw(std::string_view key, std::string_view json);
  void begin_line(std::string_view key);

  std::string text_;
  std::size_t depth_ = 0;
  bool is_first_ = true;
};

}  // namespace weft::sim::detail
