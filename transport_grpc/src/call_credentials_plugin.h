#pragma once

#include <grpc/grpc_security.h>

#include <memory>

#include "weft/transport/call_credentials.h"

namespace weft {

// Core's handle for credentials of ours; the caller releases it.
grpc_call_credentials* make_core_credentials(std::shared_ptr<CallCredentials> credentials);

}  // namespace weft
