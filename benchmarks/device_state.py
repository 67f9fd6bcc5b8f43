"""Clocks, power, temperature and throttling of the GPU while a step runs, read by nvidia-smi in the background.

    watch = Watch()              # finds out once what this nvidia-smi can tell; watch.problem says why there is nothing
    with watch.sampling() as sampler:
        ...
    sampler.summary()            # for a JSON file

nvidia-smi is asked for one GPU, the first of CUDA_VISIBLE_DEVICES or number 0, every PERIOD_MS.
"""

import bisect
import datetime
import os
import shutil
import statistics
import subprocess
import threading

# seconds until nvidia-smi's first sample
MAX_START = 5
PERIOD_MS = 200

# what is asked for: our name, and nvidia-smi's names for it, the first that this version knows is taken
FIELDS = {
    "sm_clock_mhz": ("clocks.sm",),
    "memory_clock_mhz": ("clocks.mem",),
    # power.draw is a mean over a second on recent GPUs, longer than some steps take
    "power_watts": ("power.draw.instant", "power.draw"),
    "temperature_celsius": ("temperature.gpu",),
    "reasons": ("clocks_event_reasons.active", "clocks_throttle_reasons.active"),
}
# bits of the last one, as nvml.h has them
REASONS = {
    0x1: "idle",
    0x2: "application clocks",
    0x4: "software power cap",
    0x8: "hardware slowdown",
    0x10: "sync boost",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
    0x100: "display clocks",
}
NOT_THROTTLING = ("idle", "application clocks", "display clocks")

ENERGY = "power over time from the step's begin to its end, idle power not subtracted"


def reasons_of(text):
    """Names of the bits of "0x0000000000000004"."""
    bits = int(text, 16)
    names = [name for bit, name in REASONS.items() if bits & bit]
    unknown = bits & ~sum(REASONS)
    return names + ([hex(unknown)] if unknown else [])


def number(text):
    """None for "[N/A]", "[Not Supported]" and the like."""
    try:
        return float(text)
    except ValueError:
        return None


def parse(line, names):
    """(seconds since 1970, {name: value}) of a line of nvidia-smi's CSV, or None for a line that is none."""
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) != 1 + len(names):
        return None
    try:
        time = datetime.datetime.strptime(cells[0], "%Y/%m/%d %H:%M:%S.%f").timestamp()
    except ValueError:
        return None
    values = {}
    for name, cell in zip(names, cells[1:]):
        if name != "reasons":
            values[name] = number(cell)
        elif cell.startswith("0x"):
            values[name] = reasons_of(cell)
    return time, values


def joules(samples, begin, end):
    """The integral of the power from `begin` to `end`, linear between samples, constant before the first and after the last."""
    points = [(time, values["power_watts"]) for time, values in samples if values.get("power_watts") is not None]
    if not points or end <= begin:
        return None
    times = [time for time, _ in points]

    def power(time):
        right = bisect.bisect_left(times, time)
        if right == 0 or right == len(points):
            return points[min(right, len(points) - 1)][1]
        (t0, p0), (t1, p1) = points[right - 1], points[right]
        return p0 + (p1 - p0) * (time - t0) / (t1 - t0) if t1 > t0 else p1

    corners = [begin, *(time for time in times if begin < time < end), end]
    return sum(0.5 * (power(a) + power(b)) * (b - a) for a, b in zip(corners, corners[1:]))


def summarise(samples, begin, end):
    """What goes into a step's JSON."""
    summary = {"samples": len(samples), "seconds": round(end - begin, 3), "period_milliseconds": PERIOD_MS}
    for name in FIELDS:
        values = [sample[name] for _, sample in samples if sample.get(name) is not None]
        if name == "reasons":
            summary["throttle_reasons"] = sorted({reason for each in values for reason in each})
        elif values:
            summary[name] = {"min": min(values), "median": statistics.median(values), "max": max(values)}
    energy = joules(samples, begin, end)
    if energy is not None:
        summary["joules"] = round(energy, 3)
        summary["joules_are"] = ENERGY
    return summary


def throttling(summary):
    """The reasons of a summary that slow the GPU down."""
    return [reason for reason in summary.get("throttle_reasons", []) if reason not in NOT_THROTTLING]


class Sampler:
    """Reads what nvidia-smi prints until it is closed; without nvidia-smi it has no samples and a problem."""

    def __init__(self, command, names, problem):
        self.names = names
        self.problem = problem
        self.samples = []
        self.begin = self.end = None
        self.command = command
        self.process = None
        self.first = threading.Event()

    def __enter__(self):
        if not self.problem:
            try:
                self.process = subprocess.Popen(
                    self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
                )
                threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True).start()
            except OSError as error:
                self.problem = f"{self.command[0]}: {error.strerror}"
        if not self.problem:
            # it takes a while to start; a short step would be over by then
            self.first.wait(MAX_START)
        self.begin = now()
        return self

    def read(self, lines):
        for line in lines:
            sample = parse(line, self.names)
            if sample:
                self.samples.append(sample)
                self.first.set()

    def __exit__(self, *thrown):
        self.end = now()
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def joules(self, begin, end):
        return joules(list(self.samples), begin, end)

    def summary(self):
        if self.problem:
            return {"problem": self.problem}
        samples = list(self.samples)
        if not samples:
            return {"problem": "nvidia-smi told nothing in " + f"{self.end - self.begin:.1f} s"}
        return summarise(samples, self.begin, self.end)


def now():
    """The clock that nvidia-smi's timestamps are of."""
    return datetime.datetime.now().timestamp()


class Watch:
    """What this machine's nvidia-smi can tell."""

    def __init__(self):
        self.program = shutil.which("nvidia-smi")
        self.gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0] or "0"
        self.known = {}
        self.problem = None
        if not self.program:
            self.problem = "no nvidia-smi on the path"
            return
        for name, candidates in FIELDS.items():
            chosen = next((each for each in candidates if self.answers(each)), None)
            if chosen:
                self.known[name] = chosen
        if not self.known:
            self.problem = "nvidia-smi answers none of " + ", ".join(each[0] for each in FIELDS.values())

    def query(self, fields):
        return [
            self.program, "-i", self.gpu, "--query-gpu=timestamp," + ",".join(fields), "--format=csv,noheader,nounits",
        ]

    def answers(self, field):
        try:
            done = subprocess.run(self.query([field]), capture_output=True, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            return False
        sample = parse(done.stdout.strip(), ["reasons" if "reasons" in field else "value"])
        return done.returncode == 0 and sample is not None and any(v is not None for v in sample[1].values())

    def sampling(self):
        command = [] if self.problem else [*self.query(self.known.values()), "-lms", str(PERIOD_MS)]
        return Sampler(command, list(self.known), self.problem)


class Nothing:
    """A watch for machines whose GPU is not looked at."""

    problem = "not on a GPU"

    def sampling(self):
        return Sampler([], [], self.problem)
