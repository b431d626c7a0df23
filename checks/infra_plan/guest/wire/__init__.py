"""Speaking with provider plugins: gRPC over HTTP/2, protobuf and MessagePack."""
