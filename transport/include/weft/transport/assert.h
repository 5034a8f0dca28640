#pragma once

// WEFT_ASSERT(condition, operands...): an assertion that is on in every build and prints the values
// of the operands you list. It is for bugs of Weft or of a transport. A caller's misuse is an error
// value and a peer's misbehaviour is a status; neither is ever asserted.
//
//   WEFT_ASSERT(outstanding_ == 0, outstanding_);
//
// One condition an assertion: split a conjunction, so that the failing half is named.

#include <string>
#include <string_view>
#include <type_traits>

#include "weft/transport/detail/text.h"

namespace weft::detail {

template <class T>
std::string operand_text(const T& operand) {
  if constexpr (requires { to_string(operand); }) {
    return std::string(to_string(operand));
  } else if constexpr (std::is_enum_v<T>) {
    return text(static_cast<long long>(operand));
  } else {
    return text(operand);
  }
}

template <class... Operands>
std::string operands_text(const Operands&... operands) {
  std::string joined;
  (joined.append(joined.empty() ? "" : ", ").append(operand_text(operands)), ...);
  return joined;
}

// Prints one line to standard error and aborts.
[[noreturn]] void assertion_failed(const char* file, int line, std::string_view condition,
                                   std::string_view operand_names, std::string_view operand_values);

}  // namespace weft::detail

#define WEFT_ASSERT(condition, ...)                                                        \
  (static_cast<bool>(condition)                                                            \
       ? static_cast<void>(0)                                                              \
       : ::weft::detail::assertion_failed(__FILE__, __LINE__, #condition, "" #__VA_ARGS__, \
                                          ::weft::detail::operands_text(__VA_ARGS__)))
