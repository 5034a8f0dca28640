#!/usr/bin/env python3
"""grpc.aio as client_process.cc does it for the others: the same lines in, the same answers out.

    aio_client.py TARGET

Allocations and batches are not counted: "nan". Its rounds take turns with those of the others, so
that its times are paired with theirs by round.
"""

import asyncio
import sys
import time

import grpc

DEADLINE_SECONDS = 600
METADATA_KEY = "weft-bench"
STREAM_MESSAGE_BYTES = 64


class Calls:
    def __init__(self, target):
        self.channel = grpc.aio.insecure_channel(
            target, options=[("grpc.use_local_subchannel_pool", 1),
                             ("grpc.max_receive_message_length", -1)])
        self.unary_method = self.channel.unary_unary("/weft.bench.Echo/Unary")
        self.bidi_method = self.channel.stream_stream("/weft.bench.Echo/Bidi")
        self.stream_method = self.channel.unary_stream("/weft.bench.Echo/Stream")
        self.collect_method = self.channel.stream_unary("/weft.bench.Echo/Collect")
        self.bidi_call = None

    async def unary(self, ops, in_flight, message, metadata, timeout=DEADLINE_SECONDS):
        left = ops

        async def worker():
            nonlocal left
            while left > 0:
                left -= 1
                response = await self.unary_method(message, timeout=timeout, metadata=metadata)
                assert len(response) == len(message)

        await asyncio.gather(*(worker() for _ in range(min(ops, in_flight))))

    async def unary_no_deadline(self, ops, in_flight, message, metadata):
        await self.unary(ops, in_flight, message, metadata, timeout=None)

    async def exchange(self, ops, in_flight, message, metadata):
        if self.bidi_call is None:
            self.bidi_call = self.bidi_method()
        for _ in range(ops):
            await self.bidi_call.write(message)
            response = await self.bidi_call.read()
            assert len(response) == len(message)

    write_read = exchange

    async def server_stream(self, ops, in_flight, message, metadata, suffix=b""):
        received = 0
        call = self.stream_method(str(ops).encode() + suffix, timeout=DEADLINE_SECONDS)
        async for response in call:
            assert len(response) == STREAM_MESSAGE_BYTES
            received += 1
        assert received == ops

    async def server_stream_unbuffered(self, ops, in_flight, message, metadata):
        await self.server_stream(ops, in_flight, message, metadata, b" unbuffered")

    async def client_stream(self, ops, in_flight, message, metadata):
        call = self.collect_method(timeout=DEADLINE_SECONDS)
        for _ in range(ops):
            await call.write(message)
        await call.done_writing()
        assert int(await call) == ops


async def main(target):
    calls = Calls(target)
    for line in sys.stdin:
        name, *numbers = line.split()
        ops, in_flight, message_bytes, metadata_bytes, threads = map(int, numbers)
        work = getattr(calls, name, None)
        if work is None or threads != 1:
            print("unsupported", flush=True)
            continue
        metadata = ((METADATA_KEY, "v" * metadata_bytes),) if metadata_bytes else None
        message = b"m" * message_bytes
        begin, spent = time.perf_counter(), time.process_time()
        await work(ops, in_flight, message, metadata)
        print(time.perf_counter() - begin, time.process_time() - spent, "nan nan 0", flush=True)


asyncio.run(main(sys.argv[1]))
