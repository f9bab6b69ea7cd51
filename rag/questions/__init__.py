"""What is asked: kind of answer, entities, metrics, periods, and what to search for."""

from rag.questions.kind_rules import Kind
from rag.questions.terms import measured_in, metric_terms, metrics_in
from rag.questions.understanding import MAX_CHARACTERS, Question, adapted, beside, understand

__all__ = [
    "MAX_CHARACTERS",
    "Kind",
    "Question",
    "adapted",
    "beside",
    "measured_in",
    "metric_terms",
    "metrics_in",
    "understand",
]
