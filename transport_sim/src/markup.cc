#include "markup.h"

#include "printable.h"
#include "timeline_layout.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {

using weft::detail::text;

std::string escaped(std::string_view shown) {
  std::string html;
  for (const char c : shown) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string shown(std::string_view any) {
  return escaped(printable(any));
}

std::string escaped_lines(const std::string& any) {
  std::string html;
  for (const std::string& line : lines_of(any))
    html += text(html.empty() ? "" : "\n", escaped(line));
  return html;
}

std::string verdict_mark(bool failed) {
  return text("<span class=\"verdict\">", failed ? "&#x2717; FAILED" : "&#x2713; PASSED",
              "</span>");
}

std::string_view tone(bool failed) {
  return failed ? "failed" : "passed";
}

std::string code(std::string_view shown_text) {
  return text("<code>", escaped(shown_text), "</code>");
}

std::string counted(std::size_t number, std::string_view what) {
  return text(number, " ", what, number == 1 ? "" : "s");
}

std::string card(std::string_view heading, const std::string& html, std::string_view kind) {
  return text("<section class=\"card", kind, "\"><h2>", heading, "</h2>", html, "</section>\n");
}

std::string page_begin(std::string_view title, std::string_view style) {
  return text(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>",
      shown(title), "</title>\n<style>", style, "</style>\n</head>\n<body>\n");
}

}  // namespace weft::sim
