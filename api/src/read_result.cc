#include "weft/api/read_result.h"

namespace weft {

ReadResultBase::ReadResultBase(absl::Status failure)
    : kind_(Kind::failed), status_(std::move(failure)) {
  WEFT_ASSERT(!status_.ok());
}

}  // namespace weft
