"""Values and periods as documents give them: found, normalised, compared across notations."""

from rag.figures.dating import find_periods
from rag.figures.periods import Period, compare_periods, fits, resolve, same_period
from rag.figures.quantities import find_figures
from rag.figures.values import Figure, compatible, same_value

__all__ = [
    "Figure",
    "Period",
    "compare_periods",
    "compatible",
    "find_figures",
    "find_periods",
    "fits",
    "resolve",
    "same_period",
    "same_value",
]
