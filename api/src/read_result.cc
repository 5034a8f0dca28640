#include "weft/api/read_result.h"

namespace weft {

ReadResultBase::ReadResultBase(absl::Status failure) : kind_(Kind::failed) {
  fail(std::move(failure));
}

void ReadResultBase::fail(absl::Status failure) {
  WEFT_ASSERT(!failure.ok());
  kind_ = Kind::failed;
  status_ = std::move(failure);
}

}  // namespace weft
