// Stand before the functions by which a program asks the real world, and report the caller if its
// thread is guarded; see real_world_guard.h. Linked into the executable itself, whose definitions
// every library of the process then uses.
//
// They run at any time: before main, inside a sanitizer's start, on any thread. So nothing here
// allocates, locks or needs a constructor, unless the thread is guarded.

#include <dlfcn.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/base/attributes.h"
#include "absl/base/config.h"
#include "absl/base/port.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "weft/transport_sim/detail/real_world_guard.h"

namespace {

using weft::sim::detail::RealWorldCall;

[[maybe_unused]] const bool noted = [] {
  weft::sim::detail::note_interposers();
  return true;
}();

// Finding a function may allocate, and an allocator may ask the time.
constinit thread_local bool is_finding = false;

// The function that the interposer of that name hides: the next one in the order of symbol lookup.
// Where there is none, and while it is being found, a stand-in made of system calls.
template <class Function>
class Next {
 public:
  constexpr Next(const char* name, Function* stand_in) : name_(name), stand_in_(stand_in) {}

  template <class... Arguments>
  auto operator()(Arguments... arguments) {
    Function* found = found_.load(std::memory_order_relaxed);
    return (found != nullptr ? found : find())(arguments...);
  }

 private:
  Function* find() {
    if (is_finding) return stand_in_;
    is_finding = true;
    void* symbol = dlsym(RTLD_NEXT, name_);
    is_finding = false;
    if (symbol == nullptr) return stand_in_;
    auto* function = reinterpret_cast<Function*>(symbol);
    found_.store(function, std::memory_order_relaxed);
    return function;
  }

  const char* name_;
  Function* stand_in_;
  std::atomic<Function*> found_ = nullptr;
};

int system_clock_gettime(clockid_t clock, timespec* now) {
  return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
}

int system_gettimeofday(timeval* now, void* zone) {
  return static_cast<int>(syscall(SYS_gettimeofday, now, zone));
}

time_t system_time(time_t* now) {
  timespec exact = {};
  system_clock_gettime(CLOCK_REALTIME_COARSE, &exact);
  if (now != nullptr) *now = exact.tv_sec;
  return exact.tv_sec;
}

int system_timespec_get(timespec* now, int base) {
  return base == TIME_UTC && system_clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int system_nanosleep(const timespec* time, timespec* left) {
  return static_cast<int>(syscall(SYS_nanosleep, time, left));
}

int system_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  return syscall(SYS_clock_nanosleep, clock, flags, time, left) == 0 ? 0 : errno;
}

int system_microsleep(useconds_t microseconds) {
  const timespec time = {microseconds / 1'000'000, microseconds % 1'000'000 * 1'000L};
  return system_nanosleep(&time, nullptr);
}

unsigned system_long_sleep(unsigned seconds) {
  timespec left = {seconds, 0};
  if (system_nanosleep(&left, &left) == 0) return 0;
  return static_cast<unsigned>(left.tv_sec) + (left.tv_nsec > 0 ? 1u : 0u);
}

ssize_t system_getrandom(void* bytes, std::size_t size, unsigned flags) {
  return syscall(SYS_getrandom, bytes, size, flags);
}

int system_getentropy(void* bytes, std::size_t size) {
  return system_getrandom(bytes, size, 0) == static_cast<ssize_t>(size) ? 0 : -1;
}

std::uint32_t system_arc4random() {
  std::uint32_t number = 0;
  while (system_getrandom(&number, sizeof number, 0) != sizeof number) {
  }
  return number;
}

void system_arc4random_buf(void* bytes, std::size_t size) {
  auto* rest = static_cast<unsigned char*>(bytes);
  while (size-- > 0) *rest++ = static_cast<unsigned char>(system_arc4random());
}

std::uint32_t system_arc4random_uniform(std::uint32_t bound) {
  return bound == 0 ? 0 : system_arc4random() % bound;
}

int system_rand() {
  return static_cast<int>(system_arc4random() >> 1);
}

long system_random() {
  return static_cast<long>(system_arc4random() >> 1);
}

unsigned system_random_device(void*) {
  return system_arc4random();
}

constinit Next next_clock_gettime("clock_gettime", &system_clock_gettime);
constinit Next next_gettimeofday("gettimeofday", &system_gettimeofday);
constinit Next next_time("time", &system_time);
constinit Next next_timespec_get("timespec_get", &system_timespec_get);
constinit Next next_nanosleep("nanosleep", &system_nanosleep);
constinit Next next_clock_nanosleep("clock_nanosleep", &system_clock_nanosleep);
constinit Next next_usleep("usleep", &system_microsleep);
constinit Next next_sleep("sleep", &system_long_sleep);
constinit Next next_getrandom("getrandom", &system_getrandom);
constinit Next next_getentropy("getentropy", &system_getentropy);
constinit Next next_rand("rand", &system_rand);
constinit Next next_random("random", &system_random);
constinit Next next_arc4random("arc4random", &system_arc4random);
constinit Next next_arc4random_buf("arc4random_buf", &system_arc4random_buf);
constinit Next next_arc4random_uniform("arc4random_uniform", &system_arc4random_uniform);
constinit Next next_random_device("_ZNSt13random_device9_M_getvalEv", &system_random_device);
constinit Next next_random_device_pretr1("_ZNSt13random_device16_M_getval_pretr1Ev",
                                         &system_random_device);

}  // namespace

// By their assembler names: the C library's own declarations of these differ from one of its
// versions to the next in what they promise not to throw.
#define WEFT_STANDS_BEFORE(name) \
  __asm__(name) __attribute__((visibility("default"), used, noinline))

extern "C" {
int guarded_clock_gettime(clockid_t clock, timespec* now) WEFT_STANDS_BEFORE("clock_gettime");
int guarded_gettimeofday(timeval* now, void* zone) WEFT_STANDS_BEFORE("gettimeofday");
time_t guarded_time(time_t* now) WEFT_STANDS_BEFORE("time");
int guarded_timespec_get(timespec* now, int base) WEFT_STANDS_BEFORE("timespec_get");
int guarded_nanosleep(const timespec* time, timespec* left) WEFT_STANDS_BEFORE("nanosleep");
int guarded_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left)
    WEFT_STANDS_BEFORE("clock_nanosleep");
int guarded_usleep(useconds_t microseconds) WEFT_STANDS_BEFORE("usleep");
unsigned guarded_sleep(unsigned seconds) WEFT_STANDS_BEFORE("sleep");
ssize_t guarded_getrandom(void* bytes, std::size_t size, unsigned flags)
    WEFT_STANDS_BEFORE("getrandom");
int guarded_getentropy(void* bytes, std::size_t size) WEFT_STANDS_BEFORE("getentropy");
int guarded_rand() WEFT_STANDS_BEFORE("rand");
long guarded_random() WEFT_STANDS_BEFORE("random");
std::uint32_t guarded_arc4random() WEFT_STANDS_BEFORE("arc4random");
void guarded_arc4random_buf(void* bytes, std::size_t size) WEFT_STANDS_BEFORE("arc4random_buf");
std::uint32_t guarded_arc4random_uniform(std::uint32_t bound)
    WEFT_STANDS_BEFORE("arc4random_uniform");
// Weak, since a static libstdc++ brings its own; there a std::random_device goes unnoticed.
unsigned guarded_random_device(void* device) WEFT_STANDS_BEFORE("_ZNSt13random_device9_M_getvalEv")
    __attribute__((weak));
unsigned guarded_random_device_pretr1(void* device)
    WEFT_STANDS_BEFORE("_ZNSt13random_device16_M_getval_pretr1Ev") __attribute__((weak));

int guarded_clock_gettime(clockid_t clock, timespec* now) {
  const RealWorldCall call("clock_gettime");
  return next_clock_gettime(clock, now);
}

int guarded_gettimeofday(timeval* now, void* zone) {
  const RealWorldCall call("gettimeofday");
  return next_gettimeofday(now, zone);
}

time_t guarded_time(time_t* now) {
  const RealWorldCall call("time");
  return next_time(now);
}

int guarded_timespec_get(timespec* now, int base) {
  const RealWorldCall call("timespec_get");
  return next_timespec_get(now, base);
}

int guarded_nanosleep(const timespec* time, timespec* left) {
  const RealWorldCall call("nanosleep");
  return call.was_reported() ? 0 : next_nanosleep(time, left);
}

int guarded_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  const RealWorldCall call("clock_nanosleep");
  return call.was_reported() ? 0 : next_clock_nanosleep(clock, flags, time, left);
}

int guarded_usleep(useconds_t microseconds) {
  const RealWorldCall call("usleep");
  return call.was_reported() ? 0 : next_usleep(microseconds);
}

unsigned guarded_sleep(unsigned seconds) {
  const RealWorldCall call("sleep");
  return call.was_reported() ? 0 : next_sleep(seconds);
}

ssize_t guarded_getrandom(void* bytes, std::size_t size, unsigned flags) {
  const RealWorldCall call("getrandom");
  return next_getrandom(bytes, size, flags);
}

int guarded_getentropy(void* bytes, std::size_t size) {
  const RealWorldCall call("getentropy");
  return next_getentropy(bytes, size);
}

int guarded_rand() {
  const RealWorldCall call("rand");
  return next_rand();
}

long guarded_random() {
  const RealWorldCall call("random");
  return next_random();
}

std::uint32_t guarded_arc4random() {
  const RealWorldCall call("arc4random");
  return next_arc4random();
}

void guarded_arc4random_buf(void* bytes, std::size_t size) {
  const RealWorldCall call("arc4random_buf");
  next_arc4random_buf(bytes, size);
}

std::uint32_t guarded_arc4random_uniform(std::uint32_t bound) {
  const RealWorldCall call("arc4random_uniform");
  return next_arc4random_uniform(bound);
}

unsigned guarded_random_device(void* device) {
  const RealWorldCall call("std::random_device");
  return next_random_device(device);
}

unsigned guarded_random_device_pretr1(void* device) {
  const RealWorldCall call("std::random_device");
  return next_random_device_pretr1(device);
}
}  // extern "C"

// Abseil asks the processor's counter most of the time, and the system seldom. All that its
// clock.cc defines is defined here, so that a static Abseil is not linked twice.
namespace {

timespec now_of_the_system(const char* what, const void* caller) {
  const RealWorldCall call(what, caller);
  timespec now = {};
  next_clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

ABSL_ATTRIBUTE_NOINLINE Time Now() {
  return TimeFromTimespec(now_of_the_system("absl::Now", __builtin_return_address(0)));
}

ABSL_ATTRIBUTE_NOINLINE std::int64_t GetCurrentTimeNanos() {
  const timespec now = now_of_the_system("absl::GetCurrentTimeNanos", __builtin_return_address(0));
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

ABSL_NAMESPACE_END
}  // namespace absl

extern "C" ABSL_ATTRIBUTE_NOINLINE void ABSL_INTERNAL_C_SYMBOL(AbslInternalSleepFor)(
    absl::Duration duration) {
  const RealWorldCall call("absl::SleepFor");
  if (call.was_reported() || duration <= absl::ZeroDuration()) return;
  // A day at a time: a timespec cannot hold every duration.
  while (duration > absl::ZeroDuration()) {
    const absl::Duration part = std::min(duration, absl::Hours(24));
    duration -= part;
    timespec left = absl::ToTimespec(part);
    while (next_nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
}
