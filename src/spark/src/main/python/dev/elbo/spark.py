"""VaeModel of elbo-spark in PySpark. PySpark finds a class of Java by the name of its module, so keep the folders dev/elbo."""

from pyspark import SparkContext
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaModel


class VaeModel(JavaModel, JavaMLReadable, JavaMLWritable):
    """A model of elbo as a transformer. Its parameters are attributes of the names that they have in Java."""

    @classmethod
    def ofFile(cls, path):
        """The model in a model.safetensors that elbo has written; load() reads what save() has written."""
        return cls._from_java(SparkContext._jvm.dev.elbo.spark.VaeModel.ofFile(path))

    def setParams(self, **values):
        """Sets parameters by their names."""
        return self._set(**values)
