"""Runs the commands of one step: what they print goes to a file, none outlives its step, and each way to end has a name."""

import json
import os
import pathlib
import signal
import subprocess
import threading
import time

import device_state
from machine import environment

NEEDS_HARDWARE = "a test device whose times say nothing"
# what a process may take to hand over its last lines after its end
LAST_LINES = 5


class Failed(Exception):
    """The step failed by itself."""


class NeedsHardware(Exception):
    """elbo refuses this device."""


class LeftOut(Exception):
    """A tool that the step needs is not on this machine."""


class OutOfTime(Exception):
    """The step was ended, by its own limit or by the end of the call."""


class Session:
    """
    What a step works with.

    `call` runs a command until the step's deadline. `keep` writes a JSON file of the results, `file` is the path of one.
    """

    def __init__(self, options, scratch, launcher=None):
        self.options = options
        self.scratch = pathlib.Path(scratch)
        self.out = options.out
        self.make_launcher = launcher
        self.name = None
        self.deadline = 0
        self.is_first = True  # step of its call
        self.sampler = None
        self.commands = []

    def begin(self, name, deadline, sampler):
        self.name, self.deadline, self.sampler, self.commands = name, deadline, sampler, []
        self.log.unlink(missing_ok=True)

    @property
    def log(self):
        return self.out / f"{self.name}.txt"

    @property
    def folder(self):
        """An empty folder of this step, removed at the end of the call."""
        folder = self.scratch / self.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def file(self, name=None):
        return self.out / f"{name or self.name}.json"

    def keep(self, result, name=None):
        self.file(name).write_text(json.dumps({"step": self.name, **result}, indent=1) + "\n")

    def launcher(self):
        return self.make_launcher(self.options.elbo)

    def environment(self, properties, more):
        variables = environment(self.options.threads)
        if self.options.rehearse:
            properties = ["-Delbo.bench.host=true", *properties]
            # each access is looked at in the tests
            variables.setdefault("ELBO_HOST_CUDA", "accesses=plain")
        words = [variables.get("ELBO_JAVA_OPTIONS", ""), *properties]
        variables["ELBO_JAVA_OPTIONS"] = " ".join(word for word in words if word)
        return {**variables, **more}

    def call(self, command, properties=(), environment=None):
        """[(time, line)] of what it printed; `properties` are options of the JVM."""
        command = [str(word) for word in command]
        shown = [*(f"{key}={value}" for key, value in (environment or {}).items()), *properties, *command]
        self.commands.append(" ".join(shown))
        lines = []
        with open(self.log, "a") as log:
            log.write(f"$ {self.commands[-1]}\n")
            log.flush()
            try:
                process = subprocess.Popen(
                    command, env=self.environment(list(properties), environment or {}), cwd=self.out,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    text=True, errors="replace", start_new_session=True,
                )
            except OSError as error:
                raise Failed(f"{command[0]}: {error.strerror}") from error
            reader = threading.Thread(target=read, args=(process.stdout, log, lines), daemon=True)
            reader.start()
            try:
                code = process.wait(max(0, self.deadline - time.monotonic()))
            except subprocess.TimeoutExpired as ended:
                raise OutOfTime from ended
            finally:
                # whatever it started is ended with it; a JVM that is asked politely may take long
                end(process)
                reader.join(LAST_LINES)
        if code != 0:
            raise self.refusal(code, [line for _, line in lines])
        return lines

    def refusal(self, code, lines):
        for line in lines:
            if NEEDS_HARDWARE in line:
                return NeedsHardware(line.split(": ", 1)[-1] if line.startswith("elbo: ") else line)
        told = next((line for line in reversed(lines) if line.strip()), "nothing printed")
        return Failed(f"exit {code}: {told.strip()[:300]}; see {self.log.name}")


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def read(stream, log, lines):
    for line in stream:
        lines.append((device_state.now(), line.rstrip("\n")))
        try:
            log.write(line)
            log.flush()
        except ValueError:  # closed: what is late is lost
            return
