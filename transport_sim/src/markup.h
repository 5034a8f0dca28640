#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::sim {

// For between tags and in quoted attributes of HTML and XML; of text that is printable.
std::string escaped(std::string_view shown);
// The same of any text.
std::string shown(std::string_view any);
// The lines of any text.
std::string escaped_lines(const std::string& any);

std::string code(std::string_view shown_text);
// "&#x2717; FAILED" and the class of what is coloured like it.
std::string verdict_mark(bool failed);
std::string_view tone(bool failed);
// "3 steps"
std::string counted(std::size_t number, std::string_view what);
std::string card(std::string_view heading, const std::string& html, std::string_view kind = "");

// From the doctype to the beginning of the body. A page under its policy runs nothing and loads
// nothing, whatever the texts try.
std::string page_begin(std::string_view title, std::string_view style);

}  // namespace weft::sim
