"""The Python test server: grpc.aio behind every method, on raw bytes.

    echo_server.py [--tls CERT_DIR] [--mutual] [--port N] [--concurrency N] [--refuse gzip|deflate]

Does what echo_server.cc does; the comment there is the description of both.
"""

import asyncio
import logging
import sys

import grpc
import grpc.aio

from echo_pb2 import EchoRequest, EchoResponse

ECHO = "/weft.test.Echo/"
RAW = "/weft.test.Raw/"
CATCH_UP_SECONDS = 5


def time_remaining_ms(context):
    remaining = context.time_remaining()
    # The sync and async servers tell "none" differently.
    if remaining is None or remaining > 10**9:
        return -1
    return int(remaining * 1000)


class Ends:
    """How watched calls ended, and who waits to be told."""

    def __init__(self):
        self.ends = {}

    def now(self, name):
        if name not in self.ends:
            return "unknown"
        return self.future(name).result() if self.future(name).done() else "running"

    def future(self, name):
        return self.ends.setdefault(name, asyncio.get_running_loop().create_future())

    def begin(self, name):
        if name:
            self.future(name)

    def set(self, name, end):
        if name and not self.future(name).done():
            self.future(name).set_result(end)


ENDS = Ends()


class Conversation:
    def __init__(self, method, context, watched_as):
        self.method = method.removeprefix(ECHO)
        self.silent_as = watched_as and watched_as + "/silent"
        self.context = context
        self.request_count = 0
        self.request_bytes = 0

    async def respond(self, request, index):
        if request.delay_ms:
            await asyncio.sleep(request.delay_ms / 1000)
        payload = bytes(request.response_bytes) if request.response_bytes else request.payload
        response = EchoResponse(
            payload=payload,
            request_count=self.request_count,
            request_bytes=self.request_bytes,
            index=index,
            time_remaining_ms=time_remaining_ms(self.context),
        )
        if index % 2:
            self.context.disable_next_message_compression()
        await self.context.write(response.SerializeToString())

    def responses_to(self, request):
        if self.method in ("UnaryUnary", "AwaitEnd"):
            return 0 if request.status_code else 1
        if self.method == "StreamUnary":
            return 1 if request.answer_now else 0
        return request.response_count

    async def run(self):
        request = EchoRequest()
        while (data := await self.context.read()) is not grpc.aio.EOF:
            request = EchoRequest.FromString(data)
            self.request_count += 1
            self.request_bytes += len(request.payload)
            if request.never_answer:
                ENDS.set(self.silent_as, "silent")
                await asyncio.Event().wait()
            if self.method == "AwaitEnd":
                name = request.payload.decode()
                end = ENDS.now(name) if request.answer_now else await ENDS.future(name)
                request.payload = end.encode()
            count = self.responses_to(request)
            for index in range(count):
                await self.respond(request, index)
            if request.status_code:
                self.context.set_code(STATUS.get(request.status_code, request.status_code))
                self.context.set_details(request.status_details)
                return
            if self.method in ("UnaryUnary", "UnaryStream", "AwaitEnd") or (
                self.method == "StreamUnary" and count
            ):
                return
        # No more requests: a half-close, or all that has come through yet of a cancel, of which
        # grpc.aio tells by two operations in any order. After a cancel no response can be written;
        # for watched calls that have none to write, let the other one catch up, which interrupts
        # this, however long a busy machine takes.
        if self.method == "StreamUnary":
            await self.respond(request, 0)
        elif self.silent_as:
            await asyncio.sleep(CATCH_UP_SECONDS)


STATUS = {code.value[0]: code for code in grpc.StatusCode}


async def misbehave(method, context):
    request = await context.read()
    if method == "Silent":
        await asyncio.Event().wait()
    if method == "Throws":
        raise RuntimeError("the handler threw")
    if method == "ResponseThenError":
        await context.write(EchoResponse().SerializeToString())
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("after all")
    elif method == "TwoResponses":
        await context.write(EchoResponse().SerializeToString())
        await context.write(EchoResponse().SerializeToString())
    elif method == "Garbage":
        await context.write(b"\xff\xff\xff")
    elif method == "FiveEmpty":
        for _ in range(5):
            await context.write(b"")
    elif method == "Empty":
        while request is not grpc.aio.EOF:
            await context.write(b"")
            request = await context.read()


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        method = details.method
        known = method in {ECHO + name for name in
                           ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream", "AwaitEnd")}
        raw = method in {RAW + name for name in
                         ("TwoResponses", "NoResponse", "Garbage", "ResponseThenError", "Throws", "Silent",
                          "Empty", "FiveEmpty")}
        unwanted = any(key == "not-served" for key, _ in details.invocation_metadata)
        if unwanted or (not known and not raw):
            return None

        async def behave(_, context):
            metadata = list(context.invocation_metadata() or ())
            initial = [pair for pair in metadata if pair[0].startswith("echo-initial")]
            trailing = [pair for pair in metadata if pair[0].startswith("echo-trailing")]
            trailing += [("grpc-status-details-bin", value) for key, value in metadata
                         if key == "echo-status-details-bin"]
            if any(key == "tell-user-agent" for key, _ in metadata):
                trailing.append(("seen-user-agent", dict(metadata).get("user-agent", "")))
            if any(key == "tell-session" for key, _ in metadata):
                reused = context.auth_context().get("ssl_session_reused", [b"?"])[0]
                trailing.append(("session-reused", reused.decode()))
            context.set_trailing_metadata(tuple(trailing))
            watched_as = dict(metadata).get("watch")
            if any(key == "compress-responses" for key, _ in metadata):
                context.set_compression(grpc.Compression.Gzip)
            ENDS.begin(watched_as)
            early = any(key == "send-headers-early" for key, _ in metadata)
            try:
                if initial or early:
                    await context.send_initial_metadata(tuple(initial))
                if raw:
                    await misbehave(method.removeprefix(RAW), context)
                else:
                    await Conversation(method, context, watched_as).run()
                ENDS.set(watched_as, "finished")
            finally:
                ENDS.set(watched_as, "cancelled")

        return grpc.stream_stream_rpc_method_handler(behave)


def credentials(directory, mutual):
    def read(name):
        with open(f"{directory}/{name}", "rb") as file:
            return file.read()

    return grpc.ssl_server_credentials(
        [(read("server.key"), read("server.pem"))],
        root_certificates=read("ca.pem") if mutual else None,
        require_client_auth=mutual,
    )


async def serve(arguments):
    def option(name, default=None):
        return arguments[arguments.index(name) + 1] if name in arguments else default

    options = [("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]
    if option("--concurrency"):
        options.append(("grpc.max_concurrent_streams", int(option("--concurrency"))))
    if option("--refuse"):
        refused = {"deflate": 1, "gzip": 2}[option("--refuse")]
        options.append(("grpc.compression_enabled_algorithms_bitset", 7 & ~(1 << refused)))
    server = grpc.aio.server(handlers=(Handler(),), options=options)
    address = f"127.0.0.1:{option('--port', '0')}"
    if option("--tls"):
        port = server.add_secure_port(address, credentials(option("--tls"), "--mutual" in arguments))
    else:
        port = server.add_insecure_port(address)
    await server.start()
    print(f"port {port}", flush=True)
    loop = asyncio.get_running_loop()
    grace_ms = await loop.run_in_executor(None, sys.stdin.read)
    await server.stop(int(grace_ms) / 1000 if grace_ms else None)


if __name__ == "__main__":
    # A server of 1.51 complains when it cannot send the status of a call that its client cancelled.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    asyncio.run(serve(sys.argv[1:]))
