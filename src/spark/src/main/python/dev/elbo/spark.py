"""VaeModel and VaeEstimator of elbo-spark in PySpark. PySpark finds a class of Java by the name of its module, so keep the folders dev/elbo."""

from pyspark import SparkContext
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel


class VaeModel(JavaModel, JavaMLReadable, JavaMLWritable):
    """A model of elbo as a transformer. Its parameters are attributes of the names that they have in Java."""

    @classmethod
    def ofFile(cls, path):
        """The model in a model.safetensors that elbo has written; load() reads what save() has written."""
        return cls._from_java(SparkContext._jvm.dev.elbo.spark.VaeModel.ofFile(path))

    def setParams(self, **values):
        """Sets parameters by their names."""
        return self._set(**values)


class VaeEstimator(JavaEstimator, JavaMLReadable, JavaMLWritable):
    """A trainer of models on the rows of a DataFrame. Its parameters are attributes of the names that they have in Java."""

    def __init__(self, **values):
        super().__init__()
        self._java_obj = self._new_java_obj("dev.elbo.spark.VaeEstimator", self.uid)
        self._create_params_from_java()
        self._set(**values)

    def _create_model(self, java_model):
        return VaeModel._from_java(java_model)
