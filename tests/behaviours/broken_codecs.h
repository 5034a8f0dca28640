#pragma once

#include <stdexcept>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "echo.pb.h"
#include "weft/transport/bytes.h"

namespace weft::test {

// Serializers and parsers for method descriptors, which fail in both ways that a codec has.

inline absl::StatusOr<Bytes> throws_when_serialising(const EchoRequest&, BytesAllocator&) {
  throw std::runtime_error("a knot in the wire");
}
inline absl::StatusOr<Bytes> refuses_to_serialise(const EchoRequest&, BytesAllocator&) {
  return absl::InvalidArgumentError("a knot in the wire");
}
inline absl::Status throws_when_parsing(Bytes, EchoResponse&) {
  throw std::runtime_error("an illegible hand");
}
inline absl::Status refuses_to_parse(Bytes, EchoResponse&) {
  return absl::DataLossError("an illegible hand");
}

inline constexpr char unserialisable_details[] = "cannot serialise the request: ";
inline constexpr char unparsable_details[] = "cannot parse the peer's message: ";

}  // namespace weft::test
