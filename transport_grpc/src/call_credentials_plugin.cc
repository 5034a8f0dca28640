#include "call_credentials_plugin.h"

#include <grpc/support/alloc.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "convert.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

using Plugin = std::shared_ptr<CallCredentials>;

void report_failure(grpc_credentials_plugin_metadata_cb callback, void* user_data,
                    const absl::Status& status) {
  callback(user_data, nullptr, 0, GRPC_STATUS_UNAVAILABLE, std::string(status.message()).c_str());
}

// Core copies what it is told.
void report(grpc_credentials_plugin_metadata_cb callback, void* user_data,
            absl::StatusOr<Metadata> result) {
  if (!result.ok()) return report_failure(callback, user_data, result.status());
  if (absl::Status legal = result->validate(); !legal.ok()) {
    return report_failure(callback, user_data, legal);
  }
  std::vector<grpc_metadata> entries;
  for (const auto& [key, value] : *result) {
    grpc_metadata entry = {};
    entry.key = to_slice(key);
    entry.value = to_slice(value);
    entries.push_back(entry);
  }
  callback(user_data, entries.data(), entries.size(), GRPC_STATUS_OK, nullptr);
  for (grpc_metadata& entry : entries) {
    grpc_slice_unref(entry.key);
    grpc_slice_unref(entry.value);
  }
}

absl::Status exception_status() {
  try {
    throw;
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        detail::as_absl(detail::text("the call credentials threw: ", error.what())));
  } catch (...) {
    return absl::UnavailableError("the call credentials threw an exception of unknown type");
  }
}

int get_metadata(void* state, grpc_auth_metadata_context context,
                 grpc_credentials_plugin_metadata_cb callback, void* user_data, grpc_metadata*,
                 std::size_t*, grpc_status_code*, const char**) {
  // Core may be told once, and credentials may throw after they told.
  const auto told = std::make_shared<std::atomic<bool>>(false);
  const auto tell = [callback, user_data, told](absl::StatusOr<Metadata> result) {
    if (!told->exchange(true)) report(callback, user_data, std::move(result));
  };
  try {
    const CallCredentials::Request request(context.service_url, context.method_name);
    (*static_cast<Plugin*>(state))->fetch(request, tell);
  } catch (...) {
    tell(exception_status());
  }
  return 0;  // the callback will tell, or has told
}

// Core is C and lets no exception through.
std::string contained_debug_string(const CallCredentials& credentials) {
  try {
    return credentials.debug_string();
  } catch (...) {
    return "call credentials whose debug_string() throws";
  }
}

char* debug_string(void* state) {
  const std::string text = contained_debug_string(**static_cast<Plugin*>(state));
  char* copy = static_cast<char*>(gpr_malloc(text.size() + 1));
  std::copy_n(text.c_str(), text.size() + 1, copy);
  return copy;
}

void destroy(void* state) {
  delete static_cast<Plugin*>(state);
}

}  // namespace

grpc_call_credentials* make_core_credentials(std::shared_ptr<CallCredentials> credentials) {
  grpc_metadata_credentials_plugin plugin = {};
  plugin.get_metadata = &get_metadata;
  plugin.debug_string = &debug_string;
  plugin.destroy = &destroy;
  plugin.state = new Plugin(std::move(credentials));
  plugin.type = "weft";
  return grpc_metadata_credentials_create_from_plugin(plugin, GRPC_PRIVACY_AND_INTEGRITY, nullptr);
}

}  // namespace weft
