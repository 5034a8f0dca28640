#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace weft {

// The caller did what the rules of a call do not allow: a write after done_writing, a second
// concurrent read, a call on a closed channel. The operation was refused and changed nothing; the
// call goes on (B173). A usage error is FAILED_PRECONDITION and can be told from a server's.
absl::Status usage_error(std::string_view text);
bool is_usage_error(const absl::Status& status);

inline constexpr char already_finished_text[] = "RPC already finished.";
inline constexpr char half_closed_text[] = "RPC is half closed after calling \"done_writing\".";
inline constexpr char mixed_styles_text[] =
    "The iterator and read/write APIs may not be mixed on a single RPC.";
inline constexpr char channel_closed_text[] = "Channel is closed.";
inline constexpr char insecure_credentials_text[] =
    "Call credentials are only valid on secure channels";

}  // namespace weft
