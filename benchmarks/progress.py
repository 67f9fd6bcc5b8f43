"""The list of steps that are done, as a JSON file beside the results, and the summary made of it.

A step is done with "ok", "failed" or "left out". One that "needs hardware", was "cut off" by the end of the time, or has only
"begun" is not; the last means that the whole call was ended from outside, and a step that was begun twice in vain has failed.
"""

import json
import os
import time

from machine import commit

DONE = ("ok", "failed", "left out")
ENDED_FROM_OUTSIDE = 2
REHEARSAL = "rehearsal: times say nothing"


class Refused(Exception):
    """A list that does not belong to this call."""


class Progress:
    def __init__(self, file, kind, steps=None):
        self.file = file
        self.kind = kind
        self.steps = steps or {}

    @classmethod
    def read(cls, earlier, file, kind):
        """`earlier`, a list of an earlier call or None, goes on in `file`; `kind` is "gpu", "cpu" or "gpu, rehearsal"."""
        if earlier is None or not earlier.exists():
            return cls(file, kind)
        try:
            content = json.loads(earlier.read_text())
            steps = dict(content["steps"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"--done {earlier}: not a list that benchmarks/all wrote") from error
        if content.get("kind") != kind:
            raise Refused(f"--done {earlier}: is of '{content.get('kind')}', this is '{kind}'")
        return cls(file, kind, steps)

    def is_done(self, name, again=False):
        entry = self.steps.get(name, {})
        if again and entry.get("status") == "failed":
            return False
        return entry.get("status") in DONE

    def begin(self, name):
        """False if it was begun too often in vain; then it has failed."""
        earlier = self.steps.get(name, {})
        times = earlier.get("times", 0) if earlier.get("status") == "begun" else 0
        if times >= ENDED_FROM_OUTSIDE:
            self.end(name, "failed", f"begun {times} times, and each time the whole call was ended from outside")
            return False
        self.steps[name] = {"status": "begun", "times": times + 1}
        self.write()
        return True

    def end(self, name, status, told, seconds=0.0, state=None):
        self.steps[name] = {
            "status": status, "told": told, "seconds": round(seconds, 1), "date": time.strftime("%Y-%m-%d %H:%M"),
            "commit": commit(), "device_state": state or {},
        }
        self.write()

    def write(self):
        replace(self.file, json.dumps({"kind": self.kind, "steps": self.steps}, indent=1) + "\n")

    def summary(self, names):
        """Markdown; `names` are all steps, in order."""
        lines = [f"benchmarks/all, {self.kind}, commit {commit()}, {time.strftime('%Y-%m-%d %H:%M')}.", ""]
        if "rehearsal" in self.kind:
            lines = [f"**{REHEARSAL.capitalize()}.**", "", *lines]
        problems = {
            entry["device_state"]["problem"] for entry in self.steps.values() if "problem" in entry.get("device_state", {})
        }
        lines += [f"No state of the device: {problem}." for problem in sorted(problems)] + [""] * bool(problems)
        lines += [
            "Minimum, median and maximum of each step. Energy is power over the whole time of a step; idle power is not subtracted.",
            "",
            "| step | | what came out | s | SM MHz | memory MHz | W | °C | J | throttling |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        for name in names:
            entry = self.steps.get(name)
            lines.append(row(name, entry) if entry else f"| {name} | to do | | | | | | | | |")
        return "\n".join(lines) + "\n"


def row(name, entry):
    state = entry.get("device_state", {})
    cells = [name, entry["status"], (entry.get("told") or "").replace("|", "\\|"), f"{entry.get('seconds', 0):.0f}"]
    for key in ("sm_clock_mhz", "memory_clock_mhz", "power_watts", "temperature_celsius"):
        values = state.get(key)
        cells.append(" · ".join(f"{values[each]:.0f}" for each in ("min", "median", "max")) if values else "")
    cells.append(f"{state['joules']:.0f}" if "joules" in state else "")
    cells.append(", ".join(state.get("throttling", [])))
    return "| " + " | ".join(cells) + " |"


def replace(file, text):
    """Old or new, never half of it."""
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(text)
    os.replace(temporary, file)
