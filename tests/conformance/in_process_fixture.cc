#include "in_process_fixture.h"

#include <grpc/grpc.h>

#include <algorithm>

// Exported by the library, and in none of its public headers.
grpc_channel* grpc_inproc_channel_create(grpc_server* server, const grpc_channel_args* args,
                                         void* reserved);

namespace weft::conformance {
namespace {

// Lives as long as the process: in-process, core may never tell a server that a call is over (P17),
// and its shutdown would wait for that.
GrpcPeer& peer() {
  static GrpcPeer* const served = new GrpcPeer(GrpcPeerOptions(), std::make_shared<PeerBoard>());
  return *served;
}

// [site]
class InProcessSite final : public GrpcSite {
 public:
  std::shared_ptr<Transport> connect(const ConnectOptions&) override {
    grpc_arg no_limit = {};
    no_limit.type = GRPC_ARG_INTEGER;
    no_limit.key = const_cast<char*>(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH);
    no_limit.value.integer = -1;
    const grpc_channel_args arguments = {1, &no_limit};
    return GrpcTransport::over(
        grpc_inproc_channel_create(peer().server().c_server(), &arguments, nullptr));
  }
};
// [/site]

}  // namespace

Capabilities InProcessFixture::capabilities() {
  return InProcessSite().connect(ConnectOptions())->capabilities();
}

std::optional<std::string> InProcessFixture::lacks(Need need) {
  switch (need) {
    case Need::nobody:
      return "there is always somebody within the process";
    case Need::peer_stops:
    case Need::peer_goes:
      return "a peer within the process is not lost, and does not come back";
    case Need::stream_limit:
      return "the in-process transport counts no streams";
    default:
      return std::nullopt;
  }
}

void InProcessFixture::run(const Check& check) {
  const std::vector<ExpectedFailure> known = expected_failures();
  const bool may_hang = std::any_of(known.begin(), known.end(), [&](const ExpectedFailure& each) {
    return each.check == check.name();
  });
  InProcessSite site;
  run_in_real_time(check, site, may_hang ? absl::Seconds(2) : absl::Seconds(20));
}

// What gRPC 1.51 breaks within the process. HTTP/2 keeps every one of these.
std::vector<ExpectedFailure> InProcessFixture::expected_failures() const {
  using When = ExpectedFailure::When;
  const char* const lost =
      "a message that comes with the status while no read is pending is lost (P17, P25)";
  const char* const raced =
      "a message that comes with the status is lost (P17, P25) if no read is pending just then";
  const char* const taken = "core says that a send after the end was taken (TG4)";
  return {
      {"C049_OkLosesNothingForALateSecondRead", "T15, T16, TG2", lost},
      {"C096_EarlyAnswerReleasesABlockedSend", "T15, TG2", lost},
      {"C006_ServerStreamsArriveInOrder", "T15, TG2", raced, When::sometimes},
      {"C044_UnreadMessagesHoldBackOk", "T15, T18, TG2", raced, When::sometimes},
      {"C045_UnreadMessagesHoldBackAnError", "T15, T18, TG2", raced, When::sometimes},
      {"C049_OkLosesNothingForALateFirstRead", "T15, T16, TG2", raced, When::sometimes},
      {"C087_LateCancelHasTwoOutcomes", "T16, TG2", raced, When::sometimes},
      {"C089_CancelAgainstTheStatusHasTwoOutcomes", "T16, TG2", raced, When::sometimes},
      {"C115_StatusComesThoughBothSidesAreBlocked", "T15, TG2", raced, When::sometimes},
      {"C050_ReadsGoOnAfterAFailedWrite", "T53",
       "a send that is pending when the peer ends waits until the client reads"},
      {"C051_SendAfterTheStatusFails", "T26", taken},
      {"C069_VerbsAfterAnOkCompletePromptly", "T26", taken},
  };
}

}  // namespace weft::conformance
