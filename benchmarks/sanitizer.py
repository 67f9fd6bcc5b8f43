"""NVIDIA's compute-sanitizer: its command line, and which kernels its report blames.

All that depends on the tool's options and on the form of its report is here.
"""

import re
import shutil

TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
ERROR = 9
# a report begins without indentation behind "========= ", lines of detail follow with four more spaces
REPORT = re.compile(r"^========= (?! )(.+)$")
# "at kernel(float *)+0x70 in file:12", in older versions "at 0x70 in kernel"
AT = re.compile(r"^=========     at (.+)$")
NO_REPORT = ("COMPUTE-SANITIZER", "ERROR SUMMARY", "RACECHECK SUMMARY", "Target application", "No CUDA-GDB")


def program():
    return shutil.which("compute-sanitizer") or shutil.which("/usr/local/cuda/bin/compute-sanitizer")


def command(sanitizer, tool, entries=None):
    """
    What stands before a command.

    --report-api-errors no: libraries provoke errors of the driver's interface and handle them. `entries` limits the check to
    these kernels; but writes of kernels that are not checked may then count as none, so that initcheck blames whatever reads a
    product of cuBLAS.
    """
    limited = ["--kernel-regex", f"kns=({'|'.join(entries)})"] if entries else []
    return [
        sanitizer, "--tool", tool, "--target-processes", "all", "--report-api-errors", "no",
        "--print-limit", "100000", "--error-exitcode", str(ERROR), *limited,
    ]


def blamed(report, entries):
    """({kernel of `entries`: number of reports}, number of reports that name none of them)"""
    own, others = {}, 0
    pending = False
    for line in report.splitlines():
        begin = REPORT.match(line)
        if begin:
            others += pending
            pending = not begin.group(1).startswith(NO_REPORT)
            continue
        at = AT.match(line)
        if pending and at:
            pending = False
            names = [word for word in re.findall(r"\w+", at.group(1)) if word in entries]
            if names:
                own[names[0]] = own.get(names[0], 0) + 1
            else:
                others += 1
    return own, others + pending
