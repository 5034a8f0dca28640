#include "echo_requests.h"

#include <utility>

namespace weft::test {

EchoRequest request(std::string payload, int response_count) {
  EchoRequest message;
  message.set_payload(std::move(payload));
  message.set_response_count(response_count);
  return message;
}

EchoRequest failing_request(StatusCode code, std::string details, int response_count) {
  EchoRequest message = request("", response_count);
  message.set_status_code(static_cast<int>(code));
  message.set_status_details(std::move(details));
  return message;
}

EchoRequest silent_request() {
  EchoRequest message;
  message.set_never_answer(true);
  return message;
}

}  // namespace weft::test
