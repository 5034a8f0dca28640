#include "weft/transport_sim/detail/real_world_guard.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/debugging/symbolize.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {

constinit thread_local RealWorldGuard* RealWorldGuard::current = nullptr;

namespace {

using weft::detail::text;

constinit std::atomic<bool> interposers_are_linked = false;

constexpr int frames_max = 48;
constexpr int callers_max = 4;

// What lies between an interposer and the code that is to blame.
constexpr std::string_view passed_through[] = {"std::", "absl::", "__gnu_cxx::", "AbslInternal"};
// What calls the code that is to blame; nobody wants to read on from here.
constexpr std::string_view outermost[] = {"testing::", "main", "__libc_start", "_start"};

bool starts_with_one_of(std::string_view name, const auto& prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

// The function around `address`; where there is no symbol, the module and the offset in it, which
// addr2line understands; otherwise empty.
std::string name_of(void* address) {
  // A return address may belong to the next function already.
  auto* inside = static_cast<char*>(address) - 1;
  std::array<char, 512> symbol;
  if (absl::Symbolize(inside, symbol.data(), symbol.size())) return symbol.data();
  Dl_info module;
  if (dladdr(inside, &module) == 0 || module.dli_fname == nullptr) return {};
  const char* slash = std::strrchr(module.dli_fname, '/');
  std::string name = text(slash == nullptr ? module.dli_fname : slash + 1, "+0x");
  constexpr std::string_view digits = "0123456789abcdef";
  const auto offset = static_cast<std::uint64_t>(inside - static_cast<char*>(module.dli_fbase));
  int shift = 60;
  while (shift > 0 && (offset >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) name += digits[(offset >> shift) & 15];
  return name;
}

// Who called the interposer that returns to `caller`, innermost first.
std::string find_callers(const void* caller) {
  std::array<void*, frames_max> frames;
  auto* const end = frames.data() + backtrace(frames.data(), frames_max);
  std::string callers;
  int named = 0;
  for (void** frame = std::find(frames.data(), end, caller); frame != end; ++frame) {
    const std::string name = name_of(*frame);
    if (name.empty() || starts_with_one_of(name, passed_through)) continue;
    if (starts_with_one_of(name, outermost)) break;
    callers += text(named == 0 ? "" : " < ", name);
    if (++named == callers_max) break;
  }
  return callers.empty() ? "unknown" : callers;
}

}  // namespace

bool RealWorldGuard::is_effective() noexcept {
  return interposers_are_linked.load(std::memory_order_relaxed);
}

void note_interposers() noexcept {
  interposers_are_linked.store(true, std::memory_order_relaxed);
}

void RealWorldCall::report(const RealWorldGuard& guard, const char* what,
                           const void* caller) noexcept {
  const int error = errno;
  guard.handler_(guard.context_, what, find_callers(caller).c_str());
  errno = error;
}

}  // namespace weft::sim::detail
