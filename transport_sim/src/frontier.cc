#include "frontier.h"

#include <algorithm>
#include <utility>

#include "weft/transport/assert.h"

namespace weft::sim::detail {
namespace {

// Seven bits a byte, the least significant first.
void append_number(std::string& bytes, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>((number & 0x7f) | 0x80);
  bytes += static_cast<char>(number);
}

}  // namespace

// How many steps are those of the parent before; the other steps; decisions after the last until
// the first, and until the end; the state.
void Frontier::push(const Parent& parent) {
  WEFT_ASSERT(parent.decisions > parent.first_decision, parent.decisions);
  if (chunks_.empty() || chunks_.back().size() + 20 + 10 * parent.path.size() > chunk_bytes) {
    chunks_.emplace_back();
    if (chunks_.size() > 1) chunks_.back().reserve(chunk_bytes);  // many levels have few parents
  }
  std::string& bytes = chunks_.back();
  const auto [different, unused] = std::mismatch(parent.path.begin(), parent.path.end(),
                                                 last_pushed_.begin(), last_pushed_.end());
  append_number(bytes, static_cast<std::uint32_t>(different - parent.path.begin()));
  append_number(bytes, static_cast<std::uint32_t>(parent.path.end() - different));
  for (auto step = different; step != parent.path.end(); ++step) {
    const std::uint32_t first = step == parent.path.begin() ? 0 : (step - 1)->decision + 1;
    append_number(bytes, step->decision - first);
    append_number(bytes, step->choice);
  }
  append_number(bytes, parent.first_decision - parent.after_path());
  append_number(bytes, parent.decisions - parent.first_decision);
  append_number(bytes, parent.last_state_hash);
  last_pushed_ = parent.path;
  ++count_;
}

void Frontier::pop(Parent& parent) {
  WEFT_ASSERT(!empty());
  if (read_ == chunks_.front().size()) {
    chunks_.pop_front();
    read_ = 0;
  }
  parent.path = last_popped_;
  parent.path.resize(read_number());
  for (std::uint32_t left = read_number(); left > 0; --left) {
    const std::uint32_t decision = parent.after_path() + read_number();
    parent.path.emplace_back(decision, read_number());
  }
  parent.first_decision = parent.after_path() + read_number();
  parent.decisions = parent.first_decision + read_number();
  parent.last_state_hash = read_number();
  last_popped_ = parent.path;
  if (--count_ == 0) *this = Frontier();
}

std::uint32_t Frontier::read_number() {
  const std::string& bytes = chunks_.front();
  std::uint32_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    WEFT_ASSERT(read_ < bytes.size(), read_, bytes.size());
    const auto byte = static_cast<unsigned char>(bytes[read_++]);
    number |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

}  // namespace weft::sim::detail
