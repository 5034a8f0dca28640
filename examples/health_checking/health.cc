#include "health.h"

#include <algorithm>

#include "weft/api/channel.h"
#include "weft/api/sleep.h"

namespace health {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration pause = absl::Seconds(1);

HealthCheckRequest about(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

}  // namespace

weft::Task<absl::StatusOr<bool>> serves(Client client, std::string service) {
  auto call = client.check(about(service), weft::CallOptions().timeout(absl::Seconds(1)));
  const absl::StatusOr<HealthCheckResponse>& answer = co_await call;
  if (!answer.ok()) co_return answer.status();
  co_return answer->status() == HealthCheckResponse::SERVING;
}

// [wait]
weft::Task<absl::Status> until_it_serves(Client client, weft::EventLoop& loop, std::string service,
                                         absl::Duration patience, std::function<void(State)> saw) {
  const weft::Deadline deadline = weft::Deadline::after(loop.now(), patience);
  for (;;) {
    auto watch =
        client.watch(about(service), weft::CallOptions().deadline(deadline).wait_for_ready());
    while (auto response = co_await watch.read()) {
      saw(response->status());
      if (response->status() == HealthCheckResponse::SERVING) co_return absl::OkStatus();
    }
    const absl::Status end = co_await watch.status();
    if (!end.ok() && end.code() != absl::StatusCode::kUnavailable) co_return end;
    // The pause between attempts; not beyond the deadline, with which the next one ends at once.
    co_await weft::sleep_for(loop, std::min(pause, deadline.remaining(loop.now())));
  }
}
// [/wait]

}  // namespace health
