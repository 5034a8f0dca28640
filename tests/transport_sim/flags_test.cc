#include "flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace weft::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

const char* nothing(const char*) {
  return nullptr;
}
const char* some_variables(const char* name) {
  const std::string_view wanted = name;
  if (wanted == "WEFT_MODE") return "levels";
  if (wanted == "WEFT_CRASH_FOLDER") return "/var/tmp";
  return nullptr;
}

TEST(Flags, AreTakenFromTheArguments) {
  const Flags flags(
      {"program", "--gtest_filter=*", "--weft_replay=cs1~aaaa~~-", "--weft_replay_near"}, &nothing);
  EXPECT_THAT(flags.text("replay"), Optional(std::string("cs1~aaaa~~-")));
  EXPECT_THAT(flags.text("replay_near"), Optional(std::string()));
  EXPECT_EQ(flags.text("mode"), std::nullopt);
  EXPECT_THAT(flags.errors(), IsEmpty());
}

TEST(Flags, AreTakenFromTheEnvironmentWhereThereIsNoArgument) {
  const Flags flags({"program", "--weft_mode=brute_force"}, &some_variables);
  EXPECT_THAT(flags.text("mode"), Optional(std::string("brute_force")));
  EXPECT_THAT(flags.text("crash_folder"), Optional(std::string("/var/tmp")));
}

TEST(Flags, AreSaidAsTheyWereGiven) {
  const Flags flags({"program", "--weft_deviations=2"}, &some_variables);
  EXPECT_EQ(flags.said(), "--weft_deviations=2 WEFT_MODE=levels WEFT_CRASH_FOLDER=/var/tmp");
}

TEST(Flags, ThatAreUnknownAreErrors) {
  const Flags flags({"program", "--weft_deviation=2", "--weft_"}, &nothing);
  EXPECT_THAT(flags.errors(),
              ElementsAre("unknown flag --weft_deviation=2", "unknown flag --weft_"));
}

}  // namespace
}  // namespace weft::sim
