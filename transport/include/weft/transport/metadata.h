#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace weft {

// Call metadata: an ordered multimap of header names to values. Keys are compared exactly (B395)
// and keep their order and multiplicity in both directions (T70, B364). A key that ends in "-bin"
// carries arbitrary bytes; any other value is printable ASCII (T70, B365).
//
//   Metadata metadata{{"tenant", "blue"}, {"trace-bin", std::string(16, '\0')}};
//   metadata.add("tenant", "green");
//
// Iteration is in insertion order, whatever the keys (decided for B392: nothing is regrouped).
// Headers that a transport needs for itself are not among what it delivers (T72).
// Nothing is checked while building; validate() says what is wrong, and every transport calls it.
class Metadata {
 public:
  using Entry = std::pair<std::string, std::string>;
  using const_iterator = std::vector<Entry>::const_iterator;

  Metadata() = default;
  Metadata(std::initializer_list<Entry> entries) : entries_(entries) {}
  explicit Metadata(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  // Appends; earlier values of the key stay first (B382).
  void add(std::string key, std::string value) {
    entries_.emplace_back(std::move(key), std::move(value));
  }
  // Replaces the first value of the key and keeps the rest, or adds it (B387).
  void set(std::string_view key, std::string value);
  // Replaces all values of the key (B388).
  void set_all(std::string_view key, const std::vector<std::string>& values);
  // Removes the first value of the key; false if there was none (B389, B393).
  bool remove_first(std::string_view key);
  // Removes every value of the key; how many there were.
  std::size_t remove_all(std::string_view key);

  // The first value, if any (B381). Valid until the metadata changes.
  std::optional<std::string_view> get(std::string_view key) const;
  // Every value in order (B383).
  std::vector<std::string_view> get_all(std::string_view key) const;
  bool contains(std::string_view key) const { return get(key).has_value(); }

  // Counts values, not keys (B380).
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  void reserve(std::size_t entries) { entries_.reserve(entries); }

  // OK, or INTERNAL naming the first offending entry (T71, B368): an empty key, a byte that no
  // header name may have (upper case included), a reserved "grpc-" name, a pseudo header, or a
  // value that is not printable ASCII although its key does not end in "-bin".
  absl::Status validate() const { return empty() ? absl::OkStatus() : validate_entries(); }

  // `Metadata((('key1', 'value1'), ('key2', 'value2')))`; unprintable bytes are escaped (B386).
  std::string to_string() const;

  friend bool operator==(const Metadata&, const Metadata&) = default;
  // The entries of `a`, then those of `b` (B391).
  friend Metadata operator+(Metadata a, const Metadata& b);

 private:
  absl::Status validate_entries() const;

  std::vector<Entry> entries_;
};

// True for keys whose values are bytes.
inline bool is_binary_key(std::string_view key) {
  return key.ends_with("-bin");
}

}  // namespace weft
