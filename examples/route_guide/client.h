#pragma once

#include <utility>

#include "route_guide.pb.h"
#include "weft/api/call_options.h"
#include "weft/api/channel.h"
#include "weft/api/method_descriptor.h"
#include "weft/api/protobuf_codec.h"
#include "weft/api/request_source.h"
#include "weft/api/stream_stream_call.h"
#include "weft/api/stream_unary_call.h"
#include "weft/api/unary_stream_call.h"
#include "weft/api/unary_unary_call.h"

namespace routeguide {

// Service RouteGuide of route_guide.proto, typed: what a code generator would write.
//
//   routeguide::RouteGuideClient client(channel);
//   absl::StatusOr<routeguide::Feature> feature = co_await client.get_feature(point);
//
// Lifetime: the channel must outlive it; its calls do not need it. Threads: the thread of the
// channel's loop.
class RouteGuideClient {
 public:
  static constexpr weft::UnaryUnaryMethod<Point, Feature> get_feature_method{
      "/routeguide.RouteGuide/GetFeature"};
  static constexpr weft::UnaryStreamMethod<Rectangle, Feature> list_features_method{
      "/routeguide.RouteGuide/ListFeatures"};
  static constexpr weft::StreamUnaryMethod<Point, RouteSummary> record_route_method{
      "/routeguide.RouteGuide/RecordRoute"};
  static constexpr weft::StreamStreamMethod<RouteNote, RouteNote> route_chat_method{
      "/routeguide.RouteGuide/RouteChat"};

  explicit RouteGuideClient(weft::Channel& channel) : channel_(&channel) {}

  weft::UnaryUnaryCall<Point, Feature> get_feature(
      const Point& request, weft::CallOptions options = weft::CallOptions()) const;

  weft::UnaryStreamCall<Rectangle, Feature> list_features(
      const Rectangle& request, weft::CallOptions options = weft::CallOptions()) const;

  // With write() and done_writing().
  weft::StreamUnaryCall<Point, RouteSummary> record_route(
      weft::CallOptions options = weft::CallOptions()) const;
  // With a request source, which the call takes over.
  template <weft::RequestSource<Point> Source>
  weft::StreamUnaryCall<Point, RouteSummary> record_route(
      Source requests, weft::CallOptions options = weft::CallOptions()) const {
    return channel_->stream_unary(record_route_method, std::move(requests), std::move(options));
  }

  weft::StreamStreamCall<RouteNote, RouteNote> route_chat(
      weft::CallOptions options = weft::CallOptions()) const;
  template <weft::RequestSource<RouteNote> Source>
  weft::StreamStreamCall<RouteNote, RouteNote> route_chat(
      Source requests, weft::CallOptions options = weft::CallOptions()) const {
    return channel_->stream_stream(route_chat_method, std::move(requests), std::move(options));
  }

 private:
  weft::Channel* channel_;
};

}  // namespace routeguide
