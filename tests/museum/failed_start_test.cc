// Calls that fail before they have begun: done at once or soon, in the same way for whoever asks.

#include <memory>
#include <optional>
#include <string>

#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::World;
using testing::HasSubstr;
using testing::IsEmpty;

class NoCredentials final : public CallCredentials {
 public:
  void get_metadata(std::string_view, CredentialsCompletion& fetched) override;
};
