"""A figure that no document states, from figures that they do: changes, averages, ratios.

``plan`` turns a question into questions for the figures, ``operands_of`` reads each figure from the
evidence found for its question, ``compute`` does the sum and shows it. All three give None rather
than a doubtful result. Knows nothing of searching or of how sure an evidence is.
"""

from rag.computing.arithmetic import compute
from rag.computing.operands import Operand, in_one_row, operands_of
from rag.computing.planning import Computation, Operation, plan

__all__ = ["Computation", "Operand", "Operation", "compute", "in_one_row", "operands_of", "plan"]
