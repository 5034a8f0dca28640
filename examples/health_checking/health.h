#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "health.weft.pb.h"
#include "weft/api/task.h"
#include "weft/transport/event_loop.h"

// A client of grpc.health.v1. Nothing here knows whether it runs over gRPC or in the simulator.
namespace health {

using Client = grpc::health::v1::HealthClient;
using State = grpc::health::v1::HealthCheckResponse::ServingStatus;

// Whether `service` serves now; NOT_FOUND if the server does not know it.
weft::Task<absl::StatusOr<bool>> serves(Client client, std::string service);

// Waits until `service` serves: OK then, DEADLINE_EXCEEDED after `patience`. A server that is not
// there yet, or is lost meanwhile, is waited for; one without the health protocol is UNIMPLEMENTED.
// `saw` is called with every state that the server tells.
weft::Task<absl::Status> until_it_serves(Client client, weft::EventLoop& loop, std::string service,
                                         absl::Duration patience, std::function<void(State)> saw);

}  // namespace health
