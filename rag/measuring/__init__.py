"""What each figure of a document measures, of whom and when; which figures can be compared.

``measure_document`` reads every figure, ``said_in`` those of one span, ``series_in`` puts together
those that differ in one thing only. What a document does not say of a figure is left empty rather
than guessed. Knows nothing of questions asked, of answers or of how a table is shown.
"""

from rag.measuring.measures import Measure, measure_document, said_in
from rag.measuring.prose import Said
from rag.measuring.series import Series, series_in

__all__ = ["Measure", "Said", "Series", "measure_document", "said_in", "series_in"]
