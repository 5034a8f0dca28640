#include "weft/api/detail/call_state.h"

#include "weft/api/usage_error.h"
#include "weft/transport/assert.h"

namespace weft::detail {

std::string_view to_string(EndCause cause) {
  switch (cause) {
    case EndCause::transport_status:
      return "transport status";
    case EndCause::local_cancel:
      return "local cancel";
    case EndCause::dropped:
      return "dropped";
    case EndCause::local_failure:
      return "local failure";
  }
  return "?";
}

EndPlan CallState::end(EndCause cause) {
  WEFT_ASSERT(phase_ == Phase::active, to_string(cause));
  phase_ = Phase::done;
  // After the transport's own status every message was taken, by T12 and T15, or is to be taken
  // from here; after an end of our own what is left is not to be seen.
  const bool ours = cause != EndCause::transport_status;
  return EndPlan(/*cancels=*/ours, /*discards=*/ours);
}

absl::Status CallState::admit_write(Writer writer) const {
  if (request_ == RequestStyle::source && writer == Writer::application) {
    return usage_error(mixed_styles_text);
  }
  if (done()) return usage_error(already_finished_text);
  if (half_closed()) return usage_error(half_closed_text);
  if (writes_ == Writes::writing) {
    return usage_error("a write is already in progress on this call: await it first");
  }
  return absl::OkStatus();
}

void CallState::write_started() {
  WEFT_ASSERT(writes_ == Writes::idle, static_cast<int>(writes_));
  writes_ = Writes::writing;
}

void CallState::write_finished() {
  WEFT_ASSERT(writes_ == Writes::writing || writes_ == Writes::closing, static_cast<int>(writes_));
  writes_ = writes_ == Writes::closing ? Writes::half_closed : Writes::idle;
}

absl::Status CallState::admit_done_writing(Writer writer) const {
  if (request_ == RequestStyle::source && writer == Writer::application) {
    return usage_error(mixed_styles_text);
  }
  return absl::OkStatus();
}

void CallState::half_close() {
  WEFT_ASSERT(!half_closed(), static_cast<int>(writes_));
  writes_ = writes_ == Writes::writing ? Writes::closing : Writes::half_closed;
}

absl::Status CallState::read_refusal(ResponseStyle style) const {
  if (response_ != style) return usage_error(mixed_styles_text);
  return usage_error("a read is already in progress on this call: await it first");
}

}  // namespace weft::detail
