// Generated clients of .proto files with odd names, called over the simulator.

#include <gtest/gtest.h>

#include <vector>

#include "keywords.weft_fake.pb.h"
#include "no_package.weft_fake.pb.h"
#include "shop/v1/shop.weft_fake.pb.h"
#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace {

namespace kw = odd::weft::absl;

kw::new_ numbered(int number) {
  kw::new_ message;
  message.set_int_(number);
  return message;
}

WEFT_SIM_TEST(GeneratedNames, KeywordsHaveAnUnderscore) {
  kw::classFake fake(world.server());
  fake.delete_([](const kw::new_& request) { return numbered(request.int_() + 1); });
  fake.co_await_([](const kw::new_& request, auto& call) -> weft::Task<absl::Status> {
    co_await call.write(request);
    co_return absl::OkStatus();
  });
  fake.xor_([](kw::classFake::XorCall& call) -> weft::Task<absl::Status> {
    while (auto request = co_await call.read()) co_await call.write(*request);
    co_return absl::OkStatus();
  });
  weft::Channel channel(world.transport(), world.loop());
  const kw::classClient client(channel);

  auto deleting = client.delete_(numbered(1));
  const absl::StatusOr<kw::new_> deleted = co_await deleting;
  EXPECT_EQ(deleted.value().int_(), 2);
  auto awaiting = client.co_await_(numbered(3));
  int awaited = 0;
  while (auto message = co_await awaiting.read()) awaited += message->int_();
  EXPECT_EQ(awaited, 3);
  std::vector<kw::new_> requests = {numbered(4)};
  auto streaming = client.xor_(std::move(requests));
  int streamed = 0;
  while (auto message = co_await streaming.read()) streamed += message->int_();
  EXPECT_EQ(streamed, 4);
}

WEFT_SIM_TEST(GeneratedNames, NamesOfTheLibraryAreFree) {
  kw::classFake fake(world.server());
  fake.channel([](kw::classFake::ChannelCall& call) -> weft::Task<absl::StatusOr<kw::new_>> {
    int sum = 0;
    while (auto request = co_await call.read()) sum += request->int_();
    co_return numbered(sum);
  });
  fake.request([](const kw::new_&) { return kw::CallOptions(); });
  weft::Channel channel(world.transport(), world.loop());
  const kw::classClient client(channel);

  std::vector<kw::new_> requests = {numbered(1), numbered(2)};
  auto summing = client.channel(std::move(requests), weft::CallOptions().timeout(absl::Seconds(9)));
  const absl::StatusOr<kw::new_> sum = co_await summing;
  EXPECT_TRUE(!sum.ok() || sum->int_() == 3);
  world.sometimes("summed", sum.ok());
  auto requesting = client.request(numbered(1));
  const absl::StatusOr<kw::CallOptions> options = co_await requesting;
  EXPECT_TRUE(options.ok()) << options.status();
}

WEFT_SIM_TEST(GeneratedNames, AFileWithoutAPackageHasItsClientsInTheGlobalNamespace) {
  PingerFake fake(world.server());
  fake.send([](const Ping& ping) { return ping; });
  weft::Channel channel(world.transport(), world.loop());
  const PingerClient client(channel);

  Ping ping;
  ping.set_text("hello");
  auto call = client.send(ping);
  const absl::StatusOr<Ping> pong = co_await call;
  EXPECT_EQ(pong.value().text(), "hello");
  auto empty = client.send(Ping());
  const absl::StatusOr<Ping> nothing = co_await empty;
  EXPECT_TRUE(absl::IsInternal(nothing.status())) << "a required field is missing";
}

WEFT_SIM_TEST(GeneratedNames, NestedAndImportedMessagesAndAcronyms) {
  shop::v1::ShopFake fake(world.server());
  fake.get_price([](const shop::v1::Article::Id& id) {
    shop::v1::Money price;
    price.set_units(static_cast<std::int64_t>(id.number()) * 2);
    return price;
  });
  fake.get_http_status([](const google::protobuf::Empty&) {
    shop::v1::Article::Packing::Box box;
    box.set_width(7);
    return box;
  });
  weft::Channel channel(world.transport(), world.loop());
  const shop::v1::ShopClient client(channel);

  shop::v1::Article::Id id;
  id.set_number(21);
  auto pricing = client.get_price(id);
  const absl::StatusOr<shop::v1::Money> price = co_await pricing;
  EXPECT_EQ(price.value().units(), 42);
  auto asking = client.get_http_status(google::protobuf::Empty());
  const absl::StatusOr<shop::v1::Article::Packing::Box> box = co_await asking;
  EXPECT_TRUE(box.value().has_width() && box->width() == 7);
}

WEFT_SIM_TEST(GeneratedNames, AFakeAnswersDeprecatedMethodsWithoutAWarning) {
  shop::v1::ShopFake fake(world.server());
  fake.get_price_in_cents([](const shop::v1::Article::Id&) { return shop::v1::Money(); });
  weft::Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(shop::v1::ShopMethods::get_price_in_cents, {});
  const absl::StatusOr<shop::v1::Money> price = co_await call;
  EXPECT_TRUE(price.ok()) << price.status();
}

}  // namespace
