#pragma once

#include <cstddef>
#include <sstream>
#include <string>

#include "absl/status/status.h"

namespace routeguide {

// What the demo prints, and whether everything came out as expected. Coloured on a terminal, unless
// the environment has NO_COLOR.
class Console {
 public:
  Console();

  void title(const std::string& text);
  // Starts a section, whose conclusion counts what differs from here on.
  void heading(const std::string& name, const std::string& what_it_is);
  void line(const std::string& text);
  void faint_line(const std::string& text);
  // Prose, wrapped.
  void paragraph(const std::string& text);
  // Lines that are laid out already, as they are, between empty ones.
  void block(const std::string& lines);
  // "name   text", wrapped with the text aligned.
  void field(const std::string& name, const std::string& text);

  // Say so, if something is not as expected. Give whether it is.
  bool expect(bool holds, const std::string& claim);
  bool expect_ok(const std::string& what, const absl::Status& status);
  template <class Value>
  bool expect_equal(const std::string& what, const Value& actual, const Value& expected) {
    if (actual == expected) return true;
    std::ostringstream text;
    text << what << " is \"" << actual << "\", expected \"" << expected << '"';
    return differs(text.str());
  }
  // Something is not as expected. Always false.
  bool differs(const std::string& text);
  // Ends a section: says what was found right, unless something in it differed.
  void conclude(const std::string& claim);

  // The last line. Gives the program's exit code.
  int finish();

  // Whether what is given to block() may have colours.
  bool colours() const { return colours_; }

 private:
  std::string coloured(const char* colour, const std::string& text) const;

  bool colours_;
  int differences_ = 0;
  int differences_before_section_ = 0;
};

// Fills up with spaces; counts characters, not bytes.
std::string pad(const std::string& utf8, std::size_t width);

}  // namespace routeguide
