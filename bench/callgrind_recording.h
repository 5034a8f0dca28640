#pragma once

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define WEFT_BENCH_HAS_CALLGRIND true
#else
#define WEFT_BENCH_HAS_CALLGRIND false
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) static_cast<void>(name)
#endif

namespace weft::bench {

// Whether a program that runs under callgrind can say what is to be recorded.
inline constexpr bool has_callgrind = WEFT_BENCH_HAS_CALLGRIND;

// Records what `work` does, by all threads, and has it written as a part of callgrind's own, under
// a name. Does only the work where there is no callgrind.
//
// Nothing is recorded before the first time. What began before that and returns later confuses
// callgrind's count, so the first part is not to be trusted where there are several threads.
template <class Work>
void record(const char* name, Work work) {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  work();
  CALLGRIND_DUMP_STATS_AT(name);
}

}  // namespace weft::bench
