#include "client.h"

namespace routeguide {

weft::UnaryUnaryCall<Point, Feature> RouteGuideClient::get_feature(
    const Point& request, weft::CallOptions options) const {
  return channel_->unary_unary(get_feature_method, request, std::move(options));
}

weft::UnaryStreamCall<Rectangle, Feature> RouteGuideClient::list_features(
    const Rectangle& request, weft::CallOptions options) const {
  return channel_->unary_stream(list_features_method, request, std::move(options));
}

weft::StreamUnaryCall<Point, RouteSummary> RouteGuideClient::record_route(
    weft::CallOptions options) const {
  return channel_->stream_unary(record_route_method, std::move(options));
}

weft::StreamStreamCall<RouteNote, RouteNote> RouteGuideClient::route_chat(
    weft::CallOptions options) const {
  return channel_->stream_stream(route_chat_method, std::move(options));
}

}  // namespace routeguide
