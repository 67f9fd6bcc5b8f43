"""The steps of benchmarks/all, in the order of their worth: what each runs, how long it may take, what it says came out.

A step is a function of a `running.Session`. It gives one line of what came out, or raises what `running` has for other ends.
"""

import dataclasses
import json
import re
import statistics
import sys
from collections.abc import Callable

import profiler
import sanitizer
import variants
from device_state import ENERGY
from machine import HOME
from running import Failed, LeftOut

RUN = [sys.executable, str(HOME / "benchmarks" / "run")]
# one of the presets in a rehearsal: more than 64 units, and multiples of four, so that all is fused as in the real ones
SMALL_SHAPE = ["--inputs", "72", "--hidden", "68", "--latent", "4", "--batch", "8"]
# rounds of `bench step` whose energy is told: seconds of them, since the sampling is every 200 ms
LONG_ROUNDS = 400
# objective and likelihood of the table in NOTES.md; `bench step` has no autoencoder, whose step StepGraphTest counts
GRAPHS = [
    ("vae", "bernoulli"), ("vae", "gaussian-optimal"), ("vae", "gaussian-learned"), ("iwae", "bernoulli"),
    ("iwae", "gaussian-optimal"),
]
# those that torch.autocast(bfloat16) runs in, see peers/pytorch_vae.py
AUTOCAST = ("PyTorch eager", "PyTorch compile")
# of what a step of benchmarks/run may take, it begins no round in the last part
LAST_ROUND = 0.25
MAX_RATIOS = 8


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    seconds: float  # its limit
    run: Callable


def where(options):
    return ["--backend", "cuda"] if options.gpu else ["--backend", "cpu", "--threads", str(options.threads)]


def shape(session, preset, rounds=40):
    if session.options.rehearse:
        return [*SMALL_SHAPE, "--rounds", "1"]
    return ["--preset", preset, "--rounds", str(rounds)]


def load(file):
    return json.loads(file.read_text())


# what must be right


def doctor(session):
    lines = session.call([session.options.elbo, "doctor", "--json"])
    found = re.findall(r'"status": "(\w+)"', "\n".join(line for _, line in lines))
    return ", ".join(f"{found.count(status)} {status}" for status in dict.fromkeys(found))


def open_close_open(session):
    session.call([session.options.elbo, "bench", "open", *where(session.options), "--json", session.file()])
    lives = load(session.file())["lives"]
    return "the same bits; opened in " + " and ".join(f"{life['open_seconds']:.2f} s" for life in lives)


def verify(session, precision):
    # what differs by precision are the products
    part = ["--op", "dense"] if session.options.rehearse and precision != "fp32" else []
    session.call([session.options.elbo, "verify", *where(session.options), "--precision", precision, *part])
    return "all hold"


def normals(session):
    count = 1 << (14 if session.options.rehearse else 30)
    session.call([session.options.elbo, "verify", *where(session.options), "--normals", count])
    return f"{count:,} normals, none differs"


def reproducible(session):
    """Trains twice; the models must be the same."""
    models = []
    for name in ("first", "second"):
        run = session.folder / name
        epochs = 1 if session.options.rehearse else 3
        session.call(
            [
                session.options.elbo, "train", "--data", "digits", "--epochs", epochs, "--seed", "3",
                *where(session.options), "--out", run,
            ]
        )
        models.append((run / "model.safetensors").read_bytes())
    if models[0] != models[1]:
        raise Failed("the two models differ")
    return "the same bytes"


def sanitized(session, tool, whole):
    """A training under compute-sanitizer. `whole`: initcheck of all kernels, of whose reports only those on elbo's own count."""
    program = sanitizer.program()
    if not program:
        raise LeftOut("no compute-sanitizer on the path or in /usr/local/cuda/bin")
    entries = session.launcher().entries()
    before = sanitizer.command(program, tool, entries if tool == "initcheck" and not whole else None)
    training = [
        session.options.elbo, "train", "--data", "digits", "--epochs", "1", *where(session.options),
        "--out", session.folder / "run",
    ]
    try:
        session.call([*before, *training])
    except Failed as failed:
        own, others = sanitizer.blamed(session.log.read_text(), entries)
        if own or not others or not whole:
            told = ", ".join(f"{kernel} {count}" for kernel, count in own.items())
            raise Failed(f"{told or 'none of our kernels by name'}, {others} others: {failed}") from failed
        return f"{others} reports, all on kernels of libraries"
    return None


# what is measured


def loading(session):
    """Opening with an empty cache of compiled kernels, then with the same folder again."""
    cache = session.folder / "cache"
    cache.mkdir()
    took = {"cold": [], "warm": []}
    for kind in ("cold", "warm") if session.options.rehearse else ("cold", "warm", "warm", "warm"):
        file = session.folder / "open.json"
        session.call(
            [session.options.elbo, "bench", "open", *where(session.options), "--json", file],
            environment={"CUDA_CACHE_PATH": str(cache), "CUDA_CACHE_DISABLE": "0"},
        )
        first = load(file)["lives"][0]
        took[kind].append({key: first[key] for key in ("open_seconds", "first_program_seconds")})
        session.keep({**took, "cache_bytes": sum(each.stat().st_size for each in cache.rglob("*") if each.is_file())})
    return ", ".join(
        f"{kind} {statistics.median(each['open_seconds'] for each in lives):.2f} s" for kind, lives in took.items()
    )


def step(session, arguments, properties=(), file=None):
    """`elbo bench step`; its JSON, with the energy of an example where it could be had."""
    file = file or session.file()
    lines = session.call(
        [session.options.elbo, "bench", "step", *where(session.options), *arguments, "--json", file], properties
    )
    result = load(file)
    result["energy"] = energy(session, lines, result)
    file.write_text(json.dumps(result, indent=1) + "\n")
    return result


def energy(session, lines, result):
    """
    Joules of an example: the power while the rounds ran over the examples that they trained.

    The process says when it begins to time and when it is done. The rounds are the last of that time: their number times the
    steps of each times the wall time of a step. Evaluations between rounds and the host's work in a step are in it.
    """
    announced = next((i for i, (_, line) in enumerate(lines) if line.startswith("timing ")), None)
    rounds = re.match(r"timing (\d+) rounds of (\d+) steps", lines[announced][1]) if announced is not None else None
    if session.sampler is None or session.sampler.problem:
        return {"problem": session.sampler.problem if session.sampler else "not on a GPU"}
    if not rounds or announced + 1 >= len(lines):
        return {"problem": "elbo bench step did not say when its rounds began and ended"}
    steps = int(rounds.group(1)) * int(rounds.group(2))
    end = lines[announced + 1][0]
    begin = max(lines[announced][0], end - steps * result["wall_microseconds"]["median"] * 1e-6)
    inside = sum(begin <= time <= end for time, _ in list(session.sampler.samples))
    if inside < 3:
        return {"problem": f"{end - begin:.2f} s of training had {inside} samples of the power"}
    examples = steps * result["batch"]
    joules = session.sampler.joules(begin, end)
    return {
        "joules_per_example": joules / examples if joules is not None else None, "examples": examples,
        "seconds": round(end - begin, 3), "samples": inside, "how": "while the rounds ran: " + ENERGY.split(", ", 1)[1],
    }


def timed_step(session, preset, precision, rounds):
    result = step(session, [*shape(session, preset, rounds), "--precision", precision])
    joules = result["energy"].get("joules_per_example")
    return f"{microseconds(result):.2f} µs" + (f", {1e6 * joules:.1f} µJ an example" if joules else "")


def microseconds(result):
    return result.get("device_microseconds", result["wall_microseconds"])["median"]


def graph(session, objective, likelihood):
    rounds = ["--rounds", "1" if session.options.rehearse else "10"]
    arguments = [*(SMALL_SHAPE if session.options.rehearse else []), *rounds]
    result = step(session, [*arguments, "--objective", objective, "--likelihood", likelihood])
    return (
        f"{result['launches_per_step']:.1f} launches for {result['planned_launches_per_step']:.1f} planned,"
        f" {result['depth_per_step']:.1f} deep, {result['joins_per_step']:.1f} joins, {microseconds(result):.2f} µs"
    )


def streams(session):
    """A step with 1, 2 and 3 streams, with fusion and without, in turns."""
    kinds = [(count, fusion) for fusion in ("true", "false") for count in (1, 2, 3)]
    rounds = []
    for number in range(1 if session.options.rehearse else 2):
        rounds.append({})
        for count, fusion in kinds:
            properties = [f"-Delbo.cuda.streams={count}", f"-Delbo.cuda.fusion={fusion}"]
            name = f"{count} stream{'s' if count > 1 else ''}, fusion {fusion}"
            file = session.folder / "step.json"
            rounds[number][name] = step(session, shape(session, "small"), properties, file)
            session.keep({"rounds": rounds})
    return "; ".join(f"{name}: {statistics.median(microseconds(each[name]) for each in rounds):.2f} µs" for name in rounds[0])


def profile(session):
    ncu = profiler.program()
    if not ncu:
        raise LeftOut("no ncu on the path or in /usr/local/cuda/bin")
    data, raw = session.folder / "train-images-idx3-ubyte", session.out / "profile-raw.csv"
    profiler.write_data(data)
    try:
        session.call(profiler.command(ncu, session.options.elbo, data, session.folder / "run", raw))
    except Failed as failed:
        told = session.log.read_text() + (raw.read_text() if raw.exists() else "")
        if profiler.NO_ACCESS in told:
            raise LeftOut(f"the driver gives no access to its counters ({profiler.NO_ACCESS})") from failed
        raise
    launches = profiler.read(raw.read_text())
    if not launches:
        raise Failed(f"ncu told of no kernel; see {session.log.name} and {raw.name}")
    rows = profiler.by_kernel(launches)
    (session.out / "profile.csv").write_text(profiler.table(rows))
    session.keep({"kernels": rows, "launches": launches})
    return f"{len(launches)} launches of {len(rows)} kernels, profile.csv"


def stores(session, op):
    def call(launcher, name, file):
        session.call([launcher, "bench", "kernels", *where(session.options), "--op", name, "--json", file])

    try:
        ratios = variants.measure(
            call, session.launcher(), op, 1 if session.options.rehearse else 2, session.folder, session.keep
        )
    except (variants.NoStores, FileNotFoundError) as wrong:
        raise Failed(str(wrong)) from wrong
    told = []
    for operator, each in ratios.items():
        cold = [ratio for what, ratio in each.items() if what.endswith("cold")]
        told.append(f"{operator} {min(cold):.2f} to {max(cold):.2f}")
    return f"cold time over {variants.SHIPPED}'s: " + ", ".join(told)


def inference(session):
    session.call([session.options.elbo, "bench", "inference", *where(session.options), "--json", session.file()])
    result = load(session.file())
    result["energy"] = {"problem": "calls of several kinds in one process; no time stamps of each"}
    session.file().write_text(json.dumps(result, indent=1) + "\n")
    one = [each for each in result["inference"] if each["rows"] == 1]
    return ", ".join(f"{each['what']} one row {each['microseconds']['median']:.1f} µs" for each in one)


def kernels(session):
    session.call([session.options.elbo, "bench", "kernels", *where(session.options), "--json", session.file()])


def growth(session):
    seconds = "0" if session.options.rehearse else "0.5"
    session.call(
        [session.options.elbo, "bench", "growth", *where(session.options), "--seconds", seconds, "--out", session.out]
    )


def compare(session, arguments, limit, only=(), folder=None):
    """benchmarks/run; it keeps its results round by round."""
    options = session.options
    device = ["--gpu"] if options.gpu else ["--cpu", "--threads", options.threads]
    rounds = ["--rounds", "1", "--epochs", "2", "--rehearse"] if options.rehearse else ["--rounds", options.rounds]
    lines = session.call(
        [
            *RUN, *device, *rounds, "--seconds", (1 - LAST_ROUND) * limit, "--contestant-seconds", limit / 3,
            "--elbo", options.elbo, "--peer-python", options.peer_python, "--out", session.out / (folder or ""),
            *(word for name in only for word in ("--only", name)), *arguments,
        ]
    )
    return ratios([line for _, line in lines])


def ratios(lines):
    """The medians of the table that benchmarks/run prints, of at most MAX_RATIOS rows, and who was left out."""
    told = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        ratio = cells[4].split(" · ") if len(cells) == 7 else []
        if len(ratio) == 3:
            told.append(f"{cells[1]}: {ratio[1]} × {cells[2]}")
    left_out = [line.split(": ")[1] for line in lines if line.startswith("Left out: ")]
    more = [f"{len(told) - MAX_RATIOS} more"] if len(told) > MAX_RATIOS else []
    return ", ".join([*told[:MAX_RATIOS], *more, *(f"without {name}" for name in left_out)])


def compared(name, seconds, arguments, **more):
    return Step(name, seconds, lambda session: compare(session, arguments, seconds, **more))


def common(options):
    """Steps that a CPU has as well, after those of a GPU alone: {name: Step}"""
    precisions = ["fp32", "tf32", "bf16"] if options.gpu else ["fp32"]
    long = 480 if options.gpu else 1800
    presets = [("small", "fp32"), ("iwae50", "fp32"), ("conv", "fp32"), *(("large", p) for p in precisions if p != "fp32")]
    made = [Step("doctor", 120, doctor)]
    for precision in precisions:
        made.append(Step(f"verify-{precision}", 240, lambda session, p=precision: verify(session, p)))
    made += [Step("normals", long, normals), Step("reproducible", 240, reproducible), Step("kernels", long, kernels)]
    for preset, precision in presets:
        rounds = LONG_ROUNDS if options.gpu and preset == "small" else 3 if preset == "conv" and not options.gpu else 40
        made.append(
            Step(
                f"step-{preset}-{precision}", 300,
                lambda session, each=(preset, precision, rounds): timed_step(session, *each),
            )
        )
    made.append(Step("growth", long, growth))
    for preset, precision in presets:
        likelihood = "bernoulli" if preset in ("iwae50", "conv") else "gaussian"
        precise = ["--precision", precision] if options.gpu else []
        made.append(
            compared(f"run-{preset}-{precision}", long, ["--preset", preset, "--likelihood", likelihood, *precise])
        )
    made.append(compared("run-bernoulli", long, ["--likelihood", "bernoulli"]))
    made.append(compared("run-inference", long, ["--work", "inference"]))
    made.append(compared("run-tables", long, ["--work", "tables"]))
    made.append(compared("run-operations", long, ["--work", "operations"]))
    return {each.name: each for each in made}


def gpu_alone():
    """Steps of a GPU alone: {name: Step}"""
    made = [
        Step("open-close-open", 120, open_close_open),
        Step("loading", 240, loading),
        *(Step(f"graph-{o}-{l}", 120, lambda session, o=o, l=l: graph(session, o, l)) for o, l in GRAPHS),
        Step("streams", 420, streams),
        Step("profile", 240, profile),
        *(Step(f"stores-{op}", 240, lambda session, op=op: stores(session, op)) for op in variants.OPS),
        compared(
            "autocast-large-bf16", 480, ["--preset", "large", "--precision", "bf16"], only=AUTOCAST, folder="autocast"
        ),
        Step("inference", 120, inference),
        *(Step(f"sanitizer-{tool}", 300, lambda session, t=tool: sanitized(session, t, False)) for tool in sanitizer.TOOLS),
        Step("sanitizer-initcheck-all", 420, lambda session: sanitized(session, "initcheck", True)),
    ]
    return {each.name: each for each in made}


# by their begins; those that none of these begins come last, as `common` has them
ORDER = (
    "doctor", "open-close-open", "loading", "verify", "graph", "streams", "profile", "stores", "autocast", "inference",
    "run-inference", "normals", "reproducible", "sanitizer",
)


def steps(options):
    """{name: Step}, in order."""
    if not options.gpu:
        return common(options)
    more = [Step(f"more-stores-{op}", 240, lambda session, op=op: stores(session, op)) for op in variants.MORE_OPS]
    made = {**gpu_alone(), **common(options), **{each.name: each for each in more}}
    if options.rehearse:
        # one operation shows that the change of the jar works
        made = {name: each for name, each in made.items() if "stores-" not in name or name == "stores-normal"}
    first = {name: each for begin in ORDER for name, each in made.items() if name.startswith(begin)}
    return {**first, **made}
