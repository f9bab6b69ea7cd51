"""A risk-coverage curve as an SVG picture, without a library and the same bytes each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 200, 30, 50
_COLOURS = ("#1f5fa8", "#c2571a", "#2e8540", "#8e3b8a", "#6b6b6b", "#a8871f")

Curve = Sequence[tuple[float, float]]


def risk_coverage_svg(curves: Mapping[str, Curve]) -> str:
    """Return the picture of curves of (coverage, risk), both from 0 to 1, by name."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="13" role="img">',
        "<title>Share of wrong answers by share of questions answered, surest first</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_axes(),
    ]
    for number, (name, curve) in enumerate(curves.items()):
        parts += _line(name, curve, number)
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    lines = []
    for step in range(6):
        share = step / 5
        x, y = _place(share, share)
        lines += [
            f'<line x1="{_LEFT}" y1="{y:g}" x2="{_WIDTH - _RIGHT}" y2="{y:g}" stroke="#dddddd"/>',
            f'<text x="{_LEFT - 8}" y="{y + 4:g}" text-anchor="end">{share:.0%}</text>',
            f'<text x="{x:g}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{share:.0%}</text>',
        ]
    middle = (_LEFT + _WIDTH - _RIGHT) // 2
    return [
        *lines,
        f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">questions answered</text>',
        f'<text x="{_LEFT - 48}" y="{_TOP - 12}">wrong among the answers</text>',
    ]


def _line(name: str, curve: Curve, number: int) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(*point) for point in curve))
    y = _TOP + 18 * number + 10
    x = _WIDTH - _RIGHT + 16
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<rect x="{x}" y="{y - 9}" width="12" height="4" fill="{colour}"/>',
        f'<text x="{x + 18}" y="{y - 2}">{escape(name)}</text>',
    ]


def _place(coverage: float, risk: float) -> tuple[float, float]:
    """Return the point of the picture for a point of the curve."""
    x = _LEFT + coverage * (_WIDTH - _LEFT - _RIGHT)
    return x, _HEIGHT - _BOTTOM - risk * (_HEIGHT - _TOP - _BOTTOM)
