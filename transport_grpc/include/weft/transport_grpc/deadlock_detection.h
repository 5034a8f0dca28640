#pragma once

namespace weft {

// Turns off what Abseil does in builds with assertions, Debian's among them: recording in which
// order mutexes are locked, to report a cycle before it becomes a deadlock. gRPC core locks such
// mutexes all the time; without the recording a call takes about a tenth fewer instructions
// (bench/README.md shows both).
//
// Process-wide: it stays off, for every library and every thread, which is why Weft never does it
// by itself (D18). What is given up: Abseil reports no lock inversion any more, the program's own
// included. Call it in main(), before threads start; in builds of Abseil without assertions it
// changes nothing.
void turn_off_mutex_deadlock_detection();

}  // namespace weft
