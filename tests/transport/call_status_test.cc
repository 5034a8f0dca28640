// How a call ended, as a value.

#include "weft/transport/call_status.h"

#include <gtest/gtest.h>

#include <array>
#include <climits>
#include <string>
#include <string_view>

#include "weft/transport/transport.h"

namespace weft::test {
namespace {

constexpr std::array<std::string_view, 17> code_names = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

TEST(StatusCode, HasTheProtocolsNumbersAndNames) {
  for (int number = 0; number <= 16; ++number) {
    const StatusCode code = status_code_from_number(number);
    EXPECT_EQ(static_cast<int>(code), number);
    EXPECT_EQ(status_code_name(code), code_names.at(static_cast<std::size_t>(number)));
  }
}

TEST(StatusCode, AnyOtherNumberIsUnknown) {  // B310
  for (const int number : {-1, 17, 18, 100, 65536, INT_MAX, INT_MIN}) {
    EXPECT_EQ(status_code_from_number(number), StatusCode::kUnknown) << number;
  }
  EXPECT_EQ(status_code_name(static_cast<StatusCode>(20)), "UNKNOWN");
}

TEST(CallStatus, IsOkAndEmptyUnlessGiven) {
  const CallStatus status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.details, "");
  EXPECT_TRUE(status.trailing_metadata.empty());
  EXPECT_EQ(status.debug_error_string, std::nullopt);
  EXPECT_FALSE(status.locally_cancelled);
  EXPECT_EQ(status.progress, Progress::maybe_processed);
}

TEST(CallStatus, BecomesAnAbslStatus) {
  EXPECT_EQ(CallStatus(StatusCode::kNotFound, "no such thing").to_status(),
            absl::NotFoundError("no such thing"));
}

TEST(CallStatus, OkWithDetailsBecomesOk) {  // T73
  EXPECT_EQ(CallStatus(StatusCode::kOk, "fine").to_status(), absl::OkStatus());
}

TEST(CallStatus, CarriesARichStatusAsAPayload) {  // D7
  CallStatus status(StatusCode::kAborted, "stop");
  EXPECT_EQ(status.to_status().GetPayload("type.googleapis.com/google.rpc.Status"), absl::nullopt);
  status.trailing_metadata.add("grpc-status-details-bin", std::string("\0rich", 5));
  EXPECT_EQ(status.to_status().GetPayload("type.googleapis.com/google.rpc.Status"),
            absl::Cord(absl::string_view("\0rich", 5)));
}

TEST(CallStatus, ARichStatusOfAnOkCallIsIgnored) {
  CallStatus status;
  status.trailing_metadata.add("grpc-status-details-bin", "rich");
  EXPECT_EQ(status.to_status(), absl::OkStatus());
}

TEST(CallStatus, WritesItselfForPeople) {
  EXPECT_EQ(CallStatus(StatusCode::kNotFound, "no such thing").to_string(),
            "NOT_FOUND: no such thing");
  EXPECT_EQ(CallStatus(StatusCode::kNotFound, "").to_string(), "NOT_FOUND");
  EXPECT_EQ(CallStatus().to_string(), "OK");
}

TEST(CallStatus, TextsOfLocalEndsAreFixed) {
  EXPECT_EQ(local_cancel_details, "Locally cancelled by application!");
  EXPECT_EQ(dropped_details, "Cancelled upon destruction!");
}

TEST(Progress, HasNames) {
  EXPECT_EQ(to_string(Progress::never_left), "never left");
  EXPECT_EQ(to_string(Progress::refused_unprocessed), "refused unprocessed");
  EXPECT_EQ(to_string(Progress::maybe_processed), "maybe processed");
}

TEST(ConnectivityState, HasTheProtocolsNames) {
  EXPECT_EQ(to_string(ConnectivityState::idle), "IDLE");
  EXPECT_EQ(to_string(ConnectivityState::connecting), "CONNECTING");
  EXPECT_EQ(to_string(ConnectivityState::ready), "READY");
  EXPECT_EQ(to_string(ConnectivityState::transient_failure), "TRANSIENT_FAILURE");
  EXPECT_EQ(to_string(ConnectivityState::shutdown), "SHUTDOWN");
}

}  // namespace
}  // namespace weft::test
