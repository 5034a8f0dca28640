#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "echo.pb.h"
#include "weft/api/read_result.h"
#include "weft/transport/call_status.h"
#include "weft/transport/metadata.h"

namespace weft::test {

// What a client saw, in the words of outcomes. Details stand in them as they are, but for those of
// lost and refused connections: gRPC core has a text for every way in which that can happen, and
// the simulator one ("<connection>", see the source).
std::string word_of(const CallStatus& status);
// "OK", "usage(text)", "NOT_FOUND(details)"
std::string word_of(const absl::Status& status);
// "payload#index" or the failure
std::string word_of(const absl::StatusOr<EchoResponse>& response);
// As a response; "end"
std::string word_of(const ReadResult<EchoResponse>& result);
// "[key=value,...]"
std::string word_of(const Metadata& metadata);

}  // namespace weft::test
