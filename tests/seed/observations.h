#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "echo.pb.h"
#include "weft/api/call.h"
#include "weft/transport/metadata.h"

namespace weft::test {

using Json = nlohmann::json;

// What Weft's driver saw, in the words that it shares with the driver of grpc.aio (README.md).

// "message:x"
Json observed(const EchoResponse& response);
// "ok", or the failure of an operation of `call`: "cancelled", "usage-error:text",
// "error:NOT_FOUND:details"
Json observed(const absl::Status& status, const Call& call);
// [[key, value], ...], binary values in hexadecimal
Json observed(const Metadata& metadata);
Json observed_presence(const std::optional<std::string>& text);
// Of a call or an error, without what no two libraries share.
Json observed_text(std::string_view text);

// What the scenario file says.
EchoRequest request_of(const Json& fields);
// "$name" in values stands for `name`.
Metadata metadata_of(const Json& entries, std::string_view name);

}  // namespace weft::test
