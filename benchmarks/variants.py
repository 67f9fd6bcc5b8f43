"""The shipped PTX with other cache operators on its 16-byte stores, timed in turns with what ships.

kernels/elbo.cuh stores quads by __stwb, in PTX st.global.wb.v4.f32, because nvcc takes an ordinary 16-byte store apart. .wb is what
PTX does without an operator; .cs marks a line as not to be read again, .cg leaves the first-level cache out, .wt writes through to
memory. (L1::no_allocate would need PTX 7.4; what ships is 6.3.) The operators change no result, so `elbo bench kernels`, which
verifies each operation first, takes all of them.
"""

import json
import re
import statistics

SHIPPED = "wb"
OPERATORS = (SHIPPED, "cs", "cg", "wt")
STORE = re.compile(r"\bst\.global\.wb\.v4\.f32\b")

# operations with 16-byte stores: stores alone, few beside loads, as many as loads, and what is read again at once
OPS = ("normal", "reparameterize", "adam", "bernoulliLoss")
# the others, each much like one of those
MORE_OPS = ("gather", "activate", "reparameterizeGrad", "gaussianLoss")


class NoStores(Exception):
    """The PTX has none of the stores that are to be changed."""


def substitute(ptx, operator):
    """(PTX with this operator on its 16-byte stores, number of them)"""
    if operator not in OPERATORS:
        raise ValueError(f"{operator} is none of {', '.join(OPERATORS)}")
    return STORE.subn(f"st.global.{operator}.v4.f32", ptx)


def launchers(launcher, folder):
    """{operator: launcher}; what ships is a copy as well, so that nothing differs but the operator."""
    if not sum(substitute(text, SHIPPED)[1] for text in launcher.ptx().values()):
        raise NoStores(f"{launcher.jar} has no st.global.wb.v4.f32")
    return {
        operator: launcher.copy(folder / operator, lambda text, operator=operator: substitute(text, operator)[0])
        for operator in OPERATORS
    }


def compare(rounds):
    """{operator: {"op, size, cold or hot": median over rounds of time / time of what ships in the same round}}"""
    ratios = {}
    for results in rounds:
        base = times(results[SHIPPED])
        for operator, result in results.items():
            for what, seconds in times(result).items() if operator != SHIPPED else ():
                ratios.setdefault(operator, {}).setdefault(what, []).append(seconds / base[what])
    return {
        operator: {what: round(statistics.median(values), 4) for what, values in each.items()}
        for operator, each in ratios.items()
    }


def times(result):
    """{"op, size, cold or hot": microseconds} of a JSON of `elbo bench kernels`."""
    return {
        f"{row['op']}, {row['size']}, {state}": row[state]["microseconds"]["median"]
        for row in result["rows"] for state in ("cold", "hot") if state in row
    }


def measure(call, launcher, op, rounds, folder, keep):
    """Runs `call(launcher, op, file)` in turns; after each round `keep` gets what there is so far."""
    variants = launchers(launcher, folder)
    done = []
    for number in range(rounds):
        results = {}
        for operator, each in variants.items():
            file = folder / f"{op}-{operator}-{number}.json"
            call(each, op, file)
            results[operator] = json.loads(file.read_text())
        done.append(results)
        keep({"op": op, "shipped": SHIPPED, "time_over_shipped": compare(done), "rounds": done})
    return compare(done)
