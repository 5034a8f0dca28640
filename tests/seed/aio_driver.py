"""Plays the scenarios of scenarios.json with grpc.aio, and prints what each step observed.

    aio_driver.py SCENARIOS TARGET UNREACHABLE_TARGET SERVER_COMMAND...

TARGET is an echo server, SERVER_COMMAND starts another for scenarios that stop one. Prints one JSON
object: for each scenario, its list of observations. README.md has the vocabulary.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time

import grpc
import grpc.aio

from echo_pb2 import EchoRequest, EchoResponse

LONGEST_STEP = 10
# Enough for whatever is ready to have happened.
TURNS = 30


async def let_things_happen():
    for _ in range(TURNS):
        await asyncio.sleep(0)


def request(fields):
    fields = dict(fields)
    fields["payload"] = fields.get("payload", "").encode() + b"." * fields.pop("padding", 0)
    return EchoRequest(**fields)


def message(response):
    payload = response.payload.decode(errors="replace")
    return f"message:{payload}"


def error(code, details):
    return f"error:{code.name}:{'*' if code is grpc.StatusCode.UNAVAILABLE else details}"


def entries(metadata):
    return None if metadata is None else [[key, value.hex() if isinstance(value, bytes) else value]
                                          for key, value in metadata]


def presence(text):
    return "absent" if text is None else "present" if text else "empty"


def text_of(shown):
    """The text of a call or an error, with neither library's names in it."""
    lines = [line for line in shown.replace("_AioCall", "Call").replace("AioRpcError", "RpcError")
             .split("\n") if not line.startswith("\tdebug_error_string")]
    return "\n".join(lines)


async def observe(awaitable):
    try:
        return await awaitable
    except asyncio.CancelledError:
        return "cancelled"
    except (asyncio.InvalidStateError, grpc.aio.UsageError) as misuse:
        return f"usage-error:{misuse}"
    except grpc.aio.AioRpcError as failure:
        return error(failure.code(), failure.details())


class Player:
    """One scenario."""

    def __init__(self, scenario, target, unreachable, server_command):
        self.scenario = scenario
        self.server = None
        self.name = f"aio.{os.getpid()}.{scenario['name']}"
        where = scenario.get("target", "server")
        if where == "own":
            self.server = subprocess.Popen(server_command, stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, text=True)
            target = f"127.0.0.1:{self.server.stdout.readline().split()[1]}"
        options = []
        if "receive_bytes_max" in scenario:
            options = [("grpc.max_receive_message_length", scenario["receive_bytes_max"])]
        self.channel = grpc.aio.insecure_channel(unreachable if where == "unreachable" else target,
                                                 options=options)
        self.call = None
        self.iterator = None
        self.callbacks = []
        self.called = asyncio.Event()
        self.pulled = 0
        self.tasks = {}

    async def play(self):
        observations = []
        for step in self.scenario["steps"]:
            try:
                observations.append(await asyncio.wait_for(self.step(*step), LONGEST_STEP))
            except asyncio.TimeoutError:
                observations.append("hangs")
                break
        for task in self.tasks.values():
            task.cancel()
        self.call = self.iterator = None
        await self.channel.close()
        if self.server:
            self.server.kill()
            self.server.wait()
        return observations

    def step(self, verb, *arguments):
        return getattr(self, "do_" + verb)(*arguments)

    # --- the call ---

    async def source(self, what):
        for item in what["items"]:
            self.pulled += 1
            yield request(item)
        if what.get("then") == "wait":
            await asyncio.Event().wait()
        if what.get("then") == "throw":
            raise RuntimeError("the source failed")

    async def do_open(self):
        kind = self.scenario["kind"]
        service = "" if "/" in self.scenario.get("method", "") else "/weft.test.Echo/"
        method = self.scenario.get("method") or "".join(w.capitalize() for w in kind.split("_"))
        stub = getattr(self.channel, kind)(service + method, EchoRequest.SerializeToString,
                                           EchoResponse.FromString)
        options = dict(self.scenario.get("options", {}))
        if "metadata" in options:
            options["metadata"] = tuple(
                (key, bytes.fromhex(value) if key.endswith("-bin") else
                 value.replace("$name", self.name))
                for key, value in options["metadata"])
        if kind.startswith("unary"):
            arguments = [request(self.scenario.get("request", {}))]
        elif "requests" in self.scenario:
            arguments = [[request(item) for item in self.scenario["requests"]]]
        elif "source" in self.scenario:
            arguments = [self.source(self.scenario["source"])]
        else:
            arguments = []
        try:
            self.call = stub(*arguments, **options)
        except grpc.aio.UsageError as misuse:
            return f"usage-error:{misuse}"
        return "open"

    async def do_await(self):
        async def response():
            return message(await self.call)
        return await observe(response())

    async def do_read(self):
        async def read():
            response = await self.call.read()
            return "EOF" if response is grpc.aio.EOF else message(response)
        return await observe(read())

    async def do_next(self):
        async def step():
            if self.iterator is None:
                self.iterator = self.call.__aiter__()
            try:
                return message(await self.iterator.__anext__())
            except StopAsyncIteration:
                return "EOF"
        return await observe(step())

    async def do_iterate_again(self):
        self.iterator = None
        return "iterating"

    async def do_write(self, fields):
        async def write():
            await self.call.write(request(fields))
            return "ok"
        return await observe(write())

    async def do_done_writing(self):
        async def close():
            await self.call.done_writing()
            return "ok"
        return await observe(close())

    async def do_wait_for_connection(self):
        async def wait():
            await self.call.wait_for_connection()
            return "ok"
        return await observe(wait())

    async def do_cancel(self):
        return self.call.cancel()

    async def do_drop(self):
        self.call = self.iterator = None
        gc.collect()
        await let_things_happen()
        return "dropped"

    # --- what it tells ---

    async def do_done(self):
        return self.call.done()

    async def do_cancelled(self):
        return self.call.cancelled()

    async def do_code(self):
        return (await self.call.code()).name

    async def do_details(self):
        return await self.call.details()

    async def do_initial_metadata(self):
        return entries(await self.call.initial_metadata())

    async def do_trailing_metadata(self):
        return entries(await self.call.trailing_metadata())

    async def do_debug_string(self):
        return presence(await self.call.debug_error_string())

    async def do_time_remaining(self):
        remaining = self.call.time_remaining()
        if remaining is None:
            return "none"
        return "positive" if remaining > 0 else "zero"

    async def do_text(self):
        return text_of(str(self.call))

    async def do_error(self):
        """Everything that the call's failure carries."""
        try:
            if hasattr(self.call, "read"):
                while await self.call.read() is not grpc.aio.EOF:
                    pass
            else:
                await self.call
        except grpc.aio.AioRpcError as failure:
            return {"code": failure.code().name, "details": failure.details(),
                    "initial": entries(failure.initial_metadata()),
                    "trailing": entries(failure.trailing_metadata()),
                    "debug": presence(failure.debug_error_string()),
                    "text": text_of(str(failure))}
        return "none"

    async def do_add_callback(self, name, action=""):
        def called(call):
            note = f"{name} done:{call.done()}".lower()
            if action == "cancel":
                note += f" cancel:{call.cancel()}".lower()
            self.callbacks.append(note)
            if action == "add":
                call.add_done_callback(lambda _: self.callbacks.append(name + "'s own"))
            self.called.set()
        self.call.add_done_callback(called)
        return "added"

    async def do_callbacks(self):
        return list(self.callbacks)

    async def do_wait_for_callback(self):
        await self.called.wait()
        return list(self.callbacks)

    async def do_pulled(self):
        await let_things_happen()
        return self.pulled

    # --- side by side ---

    async def do_start(self, label, *step):
        self.tasks[label] = asyncio.ensure_future(self.step(*step))
        await let_things_happen()
        return "started"

    async def do_pending(self, label):
        await let_things_happen()
        return not self.tasks[label].done()

    async def do_join(self, label):
        try:
            return await self.tasks[label]
        except asyncio.CancelledError:
            return "cancelled"

    async def do_cancel_task(self, label):
        self.tasks[label].cancel()
        await let_things_happen()
        return "cancelled"

    # --- the surroundings ---

    async def do_end_at_server(self):
        ask = self.channel.unary_unary("/weft.test.Echo/AwaitEnd", EchoRequest.SerializeToString,
                                       EchoResponse.FromString)
        return message(await ask(EchoRequest(payload=self.name.encode())))

    async def do_stop_server(self):
        self.server.stdin.close()
        await asyncio.get_running_loop().run_in_executor(None, self.server.wait)
        return "stopped"

    async def do_close(self, grace=None):
        await self.channel.close(grace)
        return "closed"

    async def do_channel_state(self):
        return self.channel.get_state().name

    async def do_channel_ready(self):
        async def ready():
            await self.channel.channel_ready()
            return "ready"
        return await observe(ready())


async def main(scenarios, target, unreachable, *server_command):
    with open(scenarios, encoding="utf-8") as file:
        listed = json.load(file)["scenarios"]
    observed = {}
    for scenario in listed:
        started = time.monotonic()
        player = Player(scenario, target, unreachable, server_command)
        observed[scenario["name"]] = await player.play()
        if time.monotonic() - started > LONGEST_STEP:
            print(f"{scenario['name']} took {time.monotonic() - started:.1f} s", file=sys.stderr)
    json.dump(observed, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
