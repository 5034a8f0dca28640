#pragma once

#include "weft/conformance/fixture.h"

namespace weft::conformance {

// The whole of a test program's main():
//
//   int main(int argc, char** argv) {
//     MyFixture fixture;
//     return weft::conformance::run_suite(argc, argv, fixture);
//   }
//
// Registers every check as a GoogleTest test ("Conformance.C001_..."), runs those that the
// command line selects, and prints the sheet: for each check its rules, and whether it passed, was
// skipped, and why. A check whose need the fixture lacks is skipped; one that is expected to fail
// and fails is no failure, and one that is expected to fail and passes is one. With --list it
// prints the checks, their rules, and the ids without one, and runs nothing.
//
// Gives the exit code of the program.
int run_suite(int argc, char** argv, Fixture& fixture);

}  // namespace weft::conformance
