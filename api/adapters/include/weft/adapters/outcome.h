#pragma once

#include <exception>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "weft/adapters/loop_port.h"
#include "weft/api/read_result.h"

namespace weft {

namespace detail {

template <class T>
class OutcomeOf {
 public:
  using Type = absl::StatusOr<T>;
};
template <>
class OutcomeOf<void> {
 public:
  using Type = absl::Status;
};
template <>
class OutcomeOf<absl::Status> {
 public:
  using Type = absl::Status;
};
template <class T>
class OutcomeOf<absl::StatusOr<T>> {
 public:
  using Type = absl::StatusOr<T>;
};
template <class T>
class OutcomeOf<ReadResult<T>> {
 public:
  using Type = ReadResult<T>;
};

absl::Status stopped_status(std::string_view why);
// An RpcError as the status that it tells of, anything else as UNKNOWN with its text.
absl::Status status_of(std::exception_ptr error) noexcept;

}  // namespace detail

// A result that can also say that there is none: T itself if it can (Status, StatusOr, ReadResult),
// StatusOr<T> otherwise, Status for void. It is default-constructible, as other libraries want it.
template <class T>
using Outcome = typename detail::OutcomeOf<T>::Type;

// What work ends with, for adapters that tell it as a value: work that was stopped gives CANCELLED.
template <class Work>
using OutcomeOfWork = Outcome<detail::ResultOf<Work>>;

namespace detail {

template <class T>
Outcome<T> failed_outcome(absl::Status why) {
  if constexpr (requires { Outcome<T>::failed(std::move(why)); }) {
    return Outcome<T>::failed(std::move(why));
  } else {
    return Outcome<T>(std::move(why));
  }
}

}  // namespace detail

}  // namespace weft
