#include "weft/transport_sim/label.h"

#include "weft/transport/detail/text.h"

namespace weft::sim {

std::string actor_of(const Label& label) {
  if (label.actor == nullptr) {
    const std::size_t dot = label.what->text.find('.');
    return std::string(dot == std::string_view::npos ? "body" : label.what->text.substr(0, dot));
  }
  std::string name(label.actor->text);
  if (label.actor_number != 0) weft::detail::append_text(name, label.actor_number);
  return name;
}

std::string to_string(const Label& label) {
  std::string text;
  if (label.actor != nullptr) text = weft::detail::text(actor_of(label), '.');
  weft::detail::append_text(text, label.what->text);
  if (label.ordinal > 1) text += weft::detail::text('#', label.ordinal);
  return text;
}

}  // namespace weft::sim
