"""Tests of benchmarks/all without a GPU and without elbo: `python3 -m unittest discover -s benchmarks -p 'test_*.py'`, seconds.

elbo, nvidia-smi, compute-sanitizer and ncu are small scripts on the path.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import signal
import sys
import tempfile
import time
import unittest
import zipfile
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import device_state
import launcher
import profiler
import progress
import running
import sanitizer
import steps
import variants

LOADER = importlib.machinery.SourceFileLoader("benchmarks_all", str(HERE / "all"))
ALL = importlib.util.module_from_spec(importlib.util.spec_from_loader("benchmarks_all", LOADER))
# no __pycache__ beside a script
sys.dont_write_bytecode = True
LOADER.exec_module(ALL)

NVIDIA_SMI = """#!%(python)s
import datetime, sys, time
fields = [word for word in sys.argv if word.startswith("--query-gpu=")][0].split("=")[1].split(",")
values = {"clocks.sm": "1980", "clocks.mem": "2619", "power.draw": "200.00", "temperature.gpu": "41",
          "clocks_throttle_reasons.active": "0x0000000000000004"}
if any(field not in values for field in fields[1:]):
    print("Field is not a valid field to query."); sys.exit(2)
while True:
    stamp = datetime.datetime.now().strftime("%%Y/%%m/%%d %%H:%%M:%%S.%%f")[:-3]
    print(", ".join([stamp, *(values[field] for field in fields[1:])]), flush=True)
    if "-lms" not in sys.argv: break
    time.sleep(0.02)
""" % {"python": sys.executable}

# what each command does, by its words
ELBO = """#!%(python)s
import json, os, pathlib, sys, time
words = sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls: calls.write(" ".join(words) + " | " + os.environ.get("ELBO_JAVA_OPTIONS", "") + "\\n")
behaviour = json.loads(os.environ.get("BEHAVIOUR", "{}"))
kind = next((each for each in behaviour if each in " ".join(words)), None)
if behaviour.get(kind) == "die": print("elbo: it is broken"); sys.exit(5)
if behaviour.get(kind) == "hang":
    print("waiting", flush=True)
    if os.fork() == 0: time.sleep(60)
    time.sleep(60)
if behaviour.get(kind) == "refuse":
    print("elbo: backend cuda runs on the host CUDA device, a test device whose times say nothing; run it on a GPU"); sys.exit(4)
if "--json" in words and words[0] == "bench":
    file = pathlib.Path(words[words.index("--json") + 1])
    times = {"median": 50.0}
    if words[1] == "step":
        print("timing 12 rounds of 1000 steps", flush=True); time.sleep(float(os.environ.get("STEP_SECONDS", 0))); print("  device", flush=True)
    file.write_text(json.dumps({
        "lives": [{"open_seconds": 1.0, "first_program_seconds": 0.1}] * 2, "batch": 128, "wall_microseconds": {"median": 20.0},
        "launches_per_step": 17.1, "planned_launches_per_step": 17.1, "depth_per_step": 10.1, "joins_per_step": 8,
        "inference": [{"what": "encode", "rows": 1, "microseconds": times}],
        "rows": [{"op": "normal", "size": "1", "cold": {"microseconds": times}, "hot": {"microseconds": times}}]}))
""" % {"python": sys.executable}


def running():
    """The command lines of all processes."""
    lines = []
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_text(errors="replace").replace("\0", " "))
        except OSError:  # over by now
            continue
    return lines


class Folder(unittest.TestCase):
    """Scripts on the path, a folder for results."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.out = self.folder / "out"
        self.calls = self.folder / "calls"
        self.elbo = self.script("elbo", ELBO)
        patch = mock.patch.dict(os.environ, {"PATH": f"{self.bin}:{os.environ['PATH']}", "CALLS": str(self.calls)})
        patch.start()
        self.addCleanup(patch.stop)
        for name in ("ELBO_JAVA_OPTIONS", "CUDA_VISIBLE_DEVICES", "BEHAVIOUR", "ELBO_COMMIT", "STEP_SECONDS"):
            os.environ.pop(name, None)

    def script(self, name, text):
        file = self.bin / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    def behave(self, **how):
        os.environ["BEHAVIOUR"] = json.dumps({words.replace("_", " "): each for words, each in how.items()})

    def all(self, *arguments):
        """Exit code and what went to stderr."""
        told = io.StringIO()
        command = ["all", "--gpu", "--elbo", str(self.elbo), "--out", str(self.out), *arguments]
        handler = signal.getsignal(signal.SIGTERM)
        try:
            with mock.patch.object(sys, "argv", command), contextlib.redirect_stderr(told):
                code = ALL.main()
        finally:
            signal.signal(signal.SIGTERM, handler)
        return code, told.getvalue()

    def done(self):
        return json.loads((self.out / "done.json").read_text())["steps"]

    def called(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []


class Steps(Folder):
    def test_results_have_the_state_of_the_device(self):
        os.environ["STEP_SECONDS"] = "0.6"
        self.script("nvidia-smi", NVIDIA_SMI)
        code, told = self.all("--only", "step-small", "--only", "doctor")
        self.assertEqual(0, code, told)
        for name in ("doctor", "step-small-fp32"):
            state = json.loads((self.out / f"{name}.json").read_text())["device_state"]
            self.assertEqual({"min": 1980, "median": 1980, "max": 1980}, state["sm_clock_mhz"])
            self.assertEqual(["software power cap"], state["throttle_reasons"])
            self.assertAlmostEqual(200 * state["seconds"], state["joules"], delta=0.5)
        energy = json.loads((self.out / "step-small-fp32.json").read_text())["energy"]
        self.assertEqual(12 * 1000 * 128, energy["examples"])
        # 12,000 steps of 20 us
        self.assertAlmostEqual(0.24, energy["seconds"], places=2)
        self.assertAlmostEqual(200 * 0.24 / energy["examples"], energy["joules_per_example"], delta=2e-6)
        summary = (self.out / "summary.md").read_text()
        self.assertIn("| 1980 · 1980 · 1980 |", summary)
        self.assertIn("software power cap |", summary)

    def test_without_nvidia_smi_the_reason_is_told_once(self):
        with mock.patch.object(device_state.shutil, "which", lambda name: None):
            code, told = self.all("--only", "step-small", "--only", "doctor")
        self.assertEqual((0, 1), (code, told.count("no nvidia-smi")), told)
        self.assertIn("no nvidia-smi", json.loads((self.out / "doctor.json").read_text())["device_state"]["problem"])
        self.assertEqual(1, (self.out / "summary.md").read_text().count("no nvidia-smi"))

    def test_a_step_that_dies_costs_itself_only(self):
        self.behave(bench_open="die")
        code, told = self.all("--only", "open-close-open", "--only", "verify-fp32")
        self.assertEqual(1, code, told)
        self.assertEqual("exit 5: elbo: it is broken; see open-close-open.txt", self.done()["open-close-open"]["told"])
        self.assertEqual("ok", self.done()["verify-fp32"]["status"])

    def test_what_failed_is_not_repeated_but_again(self):
        self.behave(doctor="die")
        self.assertEqual(1, self.all("--only", "doctor")[0])
        self.behave()
        before = len(self.called())
        self.assertEqual(0, self.all("--only", "doctor", "--done", str(self.out / "done.json"))[0])
        self.assertEqual(before, len(self.called()))
        self.assertEqual("failed", self.done()["doctor"]["status"])
        self.assertEqual(0, self.all("--only", "doctor", "--done", str(self.out / "done.json"), "--again")[0])
        self.assertEqual("ok", self.done()["doctor"]["status"])

    def test_a_call_goes_on_where_the_last_one_ended(self):
        self.behave(precision_tf32="hang")
        with mock.patch.object(ALL, "MIN_SECONDS", 0.4):
            code, told = self.all("--only", "verify", "--minutes", str(1.5 / 60))
        self.assertEqual(3, code, told)
        self.assertIn("2 of 3 steps left: verify-tf32, verify-bf16", told)
        self.assertEqual("cut off", self.done()["verify-tf32"]["status"])
        self.assertIn("| verify-bf16 | to do |", (self.out / "summary.md").read_text())
        earlier = self.folder / "brought.json"
        (self.out / "done.json").rename(earlier)
        # the first step of a call has all of it: it would never be done
        with mock.patch.object(ALL, "MIN_SECONDS", 0.4):
            code, told = self.all("--only", "verify", "--minutes", str(1 / 60), "--done", str(earlier))
        self.assertEqual("failed", self.done()["verify-tf32"]["status"])
        code, told = self.all("--only", "verify", "--done", str(self.out / "done.json"))
        self.assertEqual(0, code, told)
        self.assertEqual(["ok", "failed", "ok"], [each["status"] for each in self.done().values()])
        # however fast one follows the other, each has its own
        self.assertEqual(3, len(list(self.out.glob("verify-*.json"))))
        self.assertEqual(4, len(self.called()))

    def test_a_step_has_a_limit_of_its_own_and_leaves_no_process(self):
        self.behave(doctor="hang")
        every = {"doctor": steps.Step("doctor", 0.5, steps.doctor), "verify": steps.Step("verify", 9, lambda s: steps.verify(s, "fp32"))}
        with mock.patch.object(ALL, "steps", lambda options: every):
            begin = time.monotonic()
            code, told = self.all()
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(["failed", "ok"], [each["status"] for each in self.done().values()])
        self.assertEqual([], [line for line in running() if str(self.elbo) in line])

    def test_a_call_that_was_ended_from_outside_is_not_tried_for_ever(self):
        list_of = self.folder / "done.json"
        for times, status in ((1, "ok"), (2, "failed")):
            list_of.write_text(json.dumps({"kind": "gpu", "steps": {"doctor": {"status": "begun", "times": times}}}))
            self.all("--only", "doctor", "--done", str(list_of))
            self.assertEqual(status, self.done()["doctor"]["status"])

    def test_needs_hardware_is_neither_ok_nor_failed(self):
        self.behave(bench="refuse")
        code, told = self.all("--only", "inference", "--only", "doctor")
        self.assertEqual(3, code, told)
        self.assertEqual("needs hardware", self.done()["inference"]["status"])
        self.assertTrue(self.done()["inference"]["told"].startswith("backend cuda runs on the host"), self.done())

    def test_a_rehearsal_is_marked_and_is_no_earlier_call(self):
        code, told = self.all("--rehearse", "--only", "doctor", "--only", "open-close-open")
        self.assertEqual(0, code, told)
        self.assertTrue(self.called()[0].endswith("-Delbo.bench.host=true"), self.called())
        for file in self.out.glob("*.json"):
            self.assertIn("rehearsal", file.read_text(), file)
        self.assertIn("**Rehearsal: times say nothing.**", (self.out / "summary.md").read_text())
        with self.assertRaisesRegex(SystemExit, "is of 'gpu, rehearsal', this is 'gpu'"):
            self.all("--done", str(self.out / "done.json"))
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            ALL.parse(["--gpu", "--rehearse", "--out", str(ALL.RESULTS / "gpu")])

    def test_settings_go_through_the_options_of_the_jvm(self):
        os.environ["ELBO_JAVA_OPTIONS"] = "-Xmx1g"
        self.assertEqual(0, self.all("--only", "streams")[0])
        settings = [line.partition(" | ")[2] for line in self.called()]
        self.assertEqual(12, len(settings))
        self.assertEqual("-Xmx1g -Delbo.cuda.streams=1 -Delbo.cuda.fusion=true", settings[0])
        self.assertEqual("-Xmx1g -Delbo.cuda.streams=3 -Delbo.cuda.fusion=false", settings[-1])
        self.assertEqual(2, len(json.loads((self.out / "streams.json").read_text())["rounds"]))

    def test_no_step_may_take_longer_than_a_call(self):
        for step in steps.steps(ALL.parse(["--gpu"])).values():
            self.assertLessEqual(step.seconds, 9 * 60 - 60, step.name)


    def test_a_profile_is_a_table(self):
        self.script("ncu", """#!%s
import sys
open(sys.argv[sys.argv.index("--log-file") + 1], "w").write(
    '"ID","Kernel Name","gpu__time_duration.sum"\\n"","","us"\\n"0","adam","6.5"\\n')
""" % sys.executable)
        self.assertEqual(0, self.all("--only", "profile")[0], self.done())
        self.assertEqual("adam,1,6.5,,,,,,,,,,\n", (self.out / "profile.csv").read_text().splitlines(True)[1])
        self.script("ncu", "#!/bin/sh\necho ==ERROR== ERR_NVGPUCTRPERM; exit 1\n")
        self.all("--only", "profile")
        self.assertEqual("left out", self.done()["profile"]["status"])

    def test_a_partial_result_stays(self):
        self.behave(**{"streams=3": "die"})
        script = self.elbo.read_text().replace('" ".join(words)), None)', '" ".join(words) + os.environ["ELBO_JAVA_OPTIONS"]), None)')
        self.elbo.write_text(script)
        self.assertEqual(1, self.all("--only", "streams")[0])
        self.assertEqual(2, len(json.loads((self.out / "streams.json").read_text())["rounds"][0]))


class Bundled(Folder):
    """A folder like a bundle, whose elbo is the script."""

    PTX = ".entry normal(\n st.global.wb.v4.f32 [%rd1], {%f1};\n st.global.f32 [%rd1], %f1;\n}\n.entry adam(\n"

    def setUp(self):
        super().setUp()
        self.bundle = self.folder / "elbo-0"
        for name in ("bin", "lib", "runtime"):
            (self.bundle / name).mkdir(parents=True)
        (self.bundle / "BUNDLE.txt").write_text("elbo 0, commit abc\n")
        (self.bundle / "lib" / "other.jar").write_text("")
        with zipfile.ZipFile(self.bundle / "lib" / "elbo.jar", "w") as jar:
            jar.writestr("a/latent.ptx", self.PTX)
            jar.writestr("a/b.class", b"\xca\xfe")
        self.elbo.rename(self.bundle / "bin" / "elbo")
        self.elbo = self.bundle / "bin" / "elbo"

    def test_a_copy_differs_in_its_stores_alone(self):
        copies = variants.launchers(launcher.Launcher(self.elbo), self.folder / "copies")
        self.assertEqual(["wb", "cs", "cg", "wt"], list(copies))
        copy = launcher.Launcher(copies["cs"])
        self.assertEqual({"a/latent.ptx": self.PTX.replace("wb", "cs")}, copy.ptx())
        self.assertTrue((copy.bundle / "lib" / "other.jar").exists() and (copy.bundle / "runtime").is_dir())
        with zipfile.ZipFile(copy.jar) as jar:
            self.assertEqual(b"\xca\xfe", jar.read("a/b.class"))
        self.assertEqual(["adam", "normal"], copy.entries())

    def test_variants_are_timed_in_turns(self):
        self.assertEqual(0, self.all("--only", "stores-normal")[0])
        result = json.loads((self.out / "stores-normal.json").read_text())
        self.assertEqual(8, len(self.called()))
        self.assertEqual({"normal, 1, cold": 1, "normal, 1, hot": 1}, result["time_over_shipped"]["cg"])

    def test_ptx_without_such_stores_is_told(self):
        with zipfile.ZipFile(self.bundle / "lib" / "elbo.jar", "w") as jar:
            jar.writestr("a/latent.ptx", "st.global.v4.f32")
        self.all("--only", "stores-normal")
        self.assertIn("has no st.global.wb.v4.f32", self.done()["stores-normal"]["told"])

    def test_a_sanitizer_that_reports_fails_the_step(self):
        self.script("compute-sanitizer", "#!/bin/sh\necho '========= Uninitialized __global__ memory read of size 4 bytes'\n"
                    "echo '=========     at '$KERNEL'(float *)+0x70'\necho '========= ERROR SUMMARY: 1 error'\nexit 9\n")
        for kernel, status in (("normal", "failed"), ("gemm", "ok")):
            os.environ["KERNEL"] = kernel
            self.all("--only", "sanitizer-initcheck-all")
            self.assertEqual(status, self.done()["sanitizer-initcheck-all"]["status"], self.done())
        self.all("--only", "sanitizer-initcheck")
        commands = json.loads((self.out / "sanitizer-initcheck.json").read_text())["commands"]
        self.assertIn("--kernel-regex kns=(adam|normal)", commands[0])
        self.assertIn("--report-api-errors no", commands[0])
        with mock.patch.object(sanitizer.shutil, "which", lambda name: None):
            self.all("--only", "sanitizer-memcheck")
        self.assertEqual("left out", self.done()["sanitizer-memcheck"]["status"])


class Parts(unittest.TestCase):
    def test_a_line_of_nvidia_smi(self):
        names = ["sm_clock_mhz", "power_watts", "reasons"]
        moment, values = device_state.parse("2026/11/28 21:00:00.250, 345, [N/A], 0x0000000000000041", names)
        self.assertAlmostEqual(0.25, moment % 1, places=6)
        self.assertEqual({"sm_clock_mhz": 345, "power_watts": None, "reasons": ["idle", "hardware thermal slowdown"]}, values)
        self.assertIsNone(device_state.parse("Unable to determine the device handle", names))
        self.assertEqual(["hardware thermal slowdown"], device_state.throttling({"throttle_reasons": values["reasons"]}))
        self.assertEqual(["0x400"], device_state.reasons_of("0x400"))

    def test_energy_is_the_integral_of_the_power(self):
        samples = [(1.0, {"power_watts": 100}), (2.0, {"power_watts": None}), (3.0, {"power_watts": 200})]
        self.assertAlmostEqual(300, device_state.joules(samples, 1, 3))
        self.assertAlmostEqual(100 + 300 + 200, device_state.joules(samples, 0, 4))
        self.assertAlmostEqual(150, device_state.joules(samples, 1.5, 2.5))
        self.assertIsNone(device_state.joules([], 0, 1))

    def test_a_report_blames_kernels_of_old_and_new_versions(self):
        report = (
            "========= COMPUTE-SANITIZER\n========= Invalid __global__ read of size 4 bytes\n=========     at 0x70 in adam\n"
            "=========     Saved host backtrace\n========= Uninitialized read\n"
            "=========     at void cutlass::Kernel<int>(T1)+0x1 in x.cu:3\n========= Program hit an error\n"
            "========= ERROR SUMMARY: 3 errors\n"
        )
        self.assertEqual(({"adam": 1}, 2), sanitizer.blamed(report, ["adam", "normal"]))

    def test_the_shipped_ptx_has_what_is_replaced(self):
        folder = HERE.parent / "src" / "main" / "resources" / "dev" / "elbo" / "cuda"
        texts = [file.read_text() for file in folder.glob("*.ptx")]
        self.assertGreater(sum(variants.substitute(text, "cs")[1] for text in texts), 20)
        with self.assertRaises(ValueError):
            variants.substitute("", "relaxed")

    def test_what_a_comparison_tells(self):
        lines = [
            "| | | examples/s, quartiles | elbo / it, quartiles | test ELBO |", "|---|---|---|---|---|",
            "| training | elbo (0.1.0) | 1 · 2 · 3 | – | – |", "| training | PyTorch eager (2.9) | 1 · 1 · 1 | 1.90 · 2.00 · 2.10 | – |",
            "", "Left out: JAX jit: there is no JAX.",
        ]
        self.assertEqual("training: 2.00 × PyTorch eager (2.9), without JAX jit", steps.ratios(lines))

    def test_the_output_of_ncu(self):
        text = (
            '==PROF== Connected\n"ID","Kernel Name","gpu__time_duration.sum","launch__grid_size","launch__registers_per_thread"\n'
            '"","","ns","",""\n"0","bottleneck(int)","4,000","128","64"\n"1","bottleneck(int)","6,000","128","64"\n'
        )
        rows = profiler.by_kernel(profiler.read(text))
        self.assertEqual([{"kernel": "bottleneck", "launches": 2, "microseconds": 5, "registers": 64, "grid": 128}], rows)
        self.assertIn("bottleneck,2,5.0,", profiler.table(rows))
        self.assertEqual([], profiler.read("==ERROR== no"))


if __name__ == "__main__":
    unittest.main()
