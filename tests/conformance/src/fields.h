#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weft/transport/metadata.h"

// How scripts and reports are written: fields whose bytes are letters, digits, '-', '_', '.', or
// %XX, between separators.
namespace weft::conformance {

std::string encode_field(std::string_view bytes);
// Nothing if a %XX is broken.
std::optional<std::string> decode_field(std::string_view field);

// "key=value,key=value"
std::string encode_metadata(const Metadata& metadata);
std::optional<Metadata> decode_metadata(std::string_view text);

// The parts between `separator`; of an empty text, none.
std::vector<std::string_view> split_fields(std::string_view text, char separator);
std::optional<std::size_t> decode_number(std::string_view field);

}  // namespace weft::conformance
