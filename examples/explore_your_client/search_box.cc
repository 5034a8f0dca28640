#include "search_box.h"

// [search]
weft::Task<> HastySearchBox::search(std::string text) {
  auto call = channel_.unary_unary(find, text);
  const absl::StatusOr<std::string>& found = co_await call;
  if (found.ok()) shown_ = *found;
}
// [/search]
