"""The files that a launcher of elbo runs: those of a bundle (bin/elbo, lib/, runtime/) or of a checkout (elbo, target/).

A copy of them with other PTX is made here; nothing of the original is changed.
"""

import pathlib
import re
import shlex
import shutil
import subprocess
import zipfile

ENTRY = re.compile(r"\.entry\s+(\w+)")


class Launcher:
    """
    `file` is what --elbo names.

    A checkout is built by its first command, so `Launcher` asks it for its version before it looks for jars.
    """

    def __init__(self, file):
        self.file = pathlib.Path(file).resolve()
        self.bundle = self.file.parent.parent
        self.target = self.file.parent / "target"
        self.is_bundle = (self.bundle / "lib" / "elbo.jar").is_file()
        if not self.is_bundle:
            subprocess.run([self.file, "--version"], capture_output=True)
            if not (self.target / "elbo.jar").is_file():
                raise FileNotFoundError(f"{file}: neither lib/elbo.jar of a bundle nor target/elbo.jar is beside it")

    @property
    def jar(self):
        return self.bundle / "lib" / "elbo.jar" if self.is_bundle else self.target / "elbo.jar"

    def ptx(self):
        """{name in the jar: text}"""
        with zipfile.ZipFile(self.jar) as jar:
            return {name: jar.read(name).decode("ascii") for name in jar.namelist() if name.endswith(".ptx")}

    def entries(self):
        """The names of all kernels."""
        return sorted({name for text in self.ptx().values() for name in ENTRY.findall(text)})

    def copy(self, folder, change):
        """A launcher in `folder`, which must not exist, whose jar has `change(text)` in place of each PTX."""
        folder = pathlib.Path(folder)
        return self._copy_bundle(folder, change) if self.is_bundle else self._copy_checkout(folder, change)

    def _copy_bundle(self, folder, change):
        (folder / "bin").mkdir(parents=True)
        (folder / "lib").mkdir()
        shutil.copy(self.bundle / "BUNDLE.txt", folder)
        shutil.copy(self.file, folder / "bin")
        (folder / "runtime").symlink_to(self.bundle / "runtime")
        for jar in self.jar.parent.iterdir():
            if jar != self.jar:
                (folder / "lib" / jar.name).symlink_to(jar)
        rewrite(self.jar, folder / "lib" / "elbo.jar", change)
        return folder / "bin" / self.file.name

    def _copy_checkout(self, folder, change):
        # the launcher's jar names elbo.jar beside it and all else by absolute paths; the script that would build is left out
        folder.mkdir(parents=True)
        shutil.copy(self.target / "elbo-launcher.jar", folder)
        rewrite(self.jar, folder / "elbo.jar", change)
        script = folder / "elbo"
        jar = shlex.quote(str(folder / "elbo-launcher.jar"))
        script.write_text(
            '#!/bin/sh\nexec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC ${ELBO_JAVA_OPTIONS:-} -jar ' + jar + ' "$@"\n'
        )
        script.chmod(0o755)
        return script


def rewrite(jar, copy, change):
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(".ptx"):
                content = change(content.decode("ascii")).encode("ascii")
            target.writestr(entry, content)
