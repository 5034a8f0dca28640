#include "weft/transport_sim/fault_plan.h"

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

std::string_view name_of(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::connection_refused:
      return "connection refused";
    case Fault::Kind::connection_lost:
      return "connection lost";
    case Fault::Kind::reset:
      return "reset";
    case Fault::Kind::goaway_unprocessed:
      return "GOAWAY, unprocessed";
    case Fault::Kind::goaway:
      return "GOAWAY";
    case Fault::Kind::keepalive_timeout:
      return "keepalive timeout";
    case Fault::Kind::trailers_only:
      return "trailers only";
    case Fault::Kind::missing_status:
      return "missing status, HTTP";
    case Fault::Kind::unparsable_status:
      return "unparsable status";
    case Fault::Kind::misencoded_details:
      return "misencoded details";
    case Fault::Kind::truncated_message:
      return "truncated message";
    case Fault::Kind::corrupted_message:
      return "corrupted message";
    case Fault::Kind::unknown_compression:
      return "unknown compression";
    case Fault::Kind::decompression_failed:
      return "decompression failed";
    case Fault::Kind::compression_refused:
      return "compression refused";
    case Fault::Kind::lost_response:
      return "lost message";
    case Fault::Kind::doubled_response:
      return "doubled message";
    case Fault::Kind::late_headers:
      return "late headers";
    case Fault::Kind::doubled_status:
      return "doubled status";
    case Fault::Kind::stalled_write:
      return "stalled write";
    case Fault::Kind::allocation_refused:
      return "allocation refused";
  }
  return "?";
}

}  // namespace

std::string Fault::name() const {
  std::string name(name_of(kind_));
  switch (kind_) {
    case Kind::reset:
      return weft::detail::text(name, " ", to_string(static_cast<Http2Error>(parameter_)));
    case Kind::trailers_only:
      return weft::detail::text(name, " ", status_code_name(static_cast<StatusCode>(parameter_)));
    case Kind::missing_status:
      return weft::detail::text(name, " ", parameter_);
    default:
      return name;
  }
}

}  // namespace weft::sim
