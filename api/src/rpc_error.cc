#include "weft/api/rpc_error.h"

#include <utility>

#include "weft/transport/detail/text.h"

namespace weft {

std::string outcome_text(std::string_view what, const CallStatus& status) {
  std::string text =
      detail::text("<", what, " of RPC that terminated with:\n\tstatus = StatusCode.",
                   status_code_name(status.code), "\n\tdetails = \"", status.details, "\"\n");
  if (!status.ok()) {
    text += detail::text("\tdebug_error_string = \"", status.debug_error_string.value_or("None"),
                         "\"\n");
  }
  return text + ">";
}

RpcError::RpcError(const CallStatus& status, Metadata initial_metadata)
    : status_(status),
      initial_metadata_(std::move(initial_metadata)),
      text_(outcome_text("RpcError", status)) {}

}  // namespace weft
