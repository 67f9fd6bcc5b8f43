"""What the measurements of elbo's module for Spark share: its class path, and what Spark needs of Java."""

import statistics
import subprocess

from machine import HOME

MODULE = HOME / "src" / "spark"


def classpath(maven):
    """Builds elbo and its module for Spark, with the tests, which hold the program; returns what it runs from."""
    subprocess.run([*maven, "-DskipTests", "install"], cwd=HOME, check=True)
    target = MODULE / "target"
    subprocess.run(
        [*maven, "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={target / 'classpath'}"],
        cwd=MODULE, check=True,
    )  # fmt: skip
    return f"{target / 'classes'}:{target / 'test-classes'}:{(target / 'classpath').read_text().strip()}"


def opens():
    """What Spark's launchers open of Java, as the module's tests do."""
    text = (MODULE / "pom.xml").read_text()
    return text.split("<spark.opens>")[1].split("</spark.opens>")[0].split()


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
