#include "weft/api/usage_error.h"

#include "absl/strings/cord.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

constexpr char mark[] = "weft/usage-error";

}  // namespace

absl::Status usage_error(std::string_view text) {
  absl::Status status = absl::FailedPreconditionError(detail::as_absl(text));
  status.SetPayload(mark, absl::Cord());
  return status;
}

bool is_usage_error(const absl::Status& status) {
  return status.GetPayload(mark).has_value();
}

}  // namespace weft
