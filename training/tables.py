"""Questions on table cells: of the company documents, and of made annual-report tables."""

import random
import re

import swaps
import windows
from examples import Example, example, invent


def table_cells(text: str, rng: random.Random, count: int) -> list[Example]:
    """Questions on the cells of a document's Markdown tables, with near misses."""
    made: list[Example] = []
    for _ in range(count):
        cuts = windows.random_split(text, rng)
        window = rng.choice(cuts)
        body = text[window.start : window.end]
        made += cell_questions(window.heading, body, rng, 2)
    return made


def rows_of(body: str) -> list[tuple[int, list[tuple[int, str]]]]:
    """(offset, [(cell offset, cell)]) of all table rows but rules."""
    rows = []
    for offset, line in windows.lines_of(body):
        if windows.is_table_row(line) and not windows.RULE.match(line):
            cells, at = [], offset + line.index("|") + 1
            for raw in line[line.index("|") + 1 :].rstrip("|").split("|"):
                cells.append((at + len(raw) - len(raw.lstrip()), raw.strip()))
                at += len(raw) + 1
            rows.append((offset, cells))
    return rows


ASK = (
    "What was {row} in {col}?",
    "{row} {col}?",
    "{row}, {col}",
    "How much was {row} for {col}?",
    "What is the {row} for {col}?",
    "What was the {col} figure for {row}?",
    "What does the table give as {col} for {row}?",
    "What was the company's {row} as of {col}?",
    "What was the {row} in {col}?",
    "How high was {row} in {col}?",
    "{col} {row}?",
)
OTHER_ROWS = (
    "Goodwill",
    "Deferred revenue",
    "Lease liabilities",
    "Accrued interest",
    "Restructuring charges",
    "Pension cost",
    "Share-based compensation",
    "Foreign exchange loss",
    "Minority interest",
    "Prepaid rent",
    "Warranty provision",
    "Bad debt expense",
    "Trade receivables",
    "Short-term borrowings",
    "Treasury stock",
    "Royalty income",
)


def phrase(row: str, col: str, rng: random.Random) -> str:
    """A question for a cell, the row in natural case."""
    row = row.strip("*: .")
    if not (row[:2].isupper()) and rng.random() < 0.8:
        row = row[:1].lower() + row[1:]
    return rng.choice(ASK).format(row=row, col=col.strip("*: "))


def cell_questions(heading: str, body: str, rng: random.Random, count: int) -> list[Example]:
    """For `count` cells: the question, and one near miss by row, column or year."""
    rows = rows_of(body)
    header = rows_of(heading[heading.rindex("› |") + 2 :]) if "› |" in heading else rows[:1]
    if not header or len(header[0][1]) < 2:
        return []
    names = [c for _, c in header[0][1]]
    data = [
        r for r in rows if len(r[1]) == len(names) and [c for _, c in r[1]] != names and r[1][0][1]
    ]
    made: list[Example] = []
    for _, cells in rng.sample(data, min(count, len(data))):
        column = rng.randrange(1, len(names))
        at, value = cells[column]
        if len(value) < 1 or value in "-–—" or not names[column]:
            continue
        row, col = cells[0][1], names[column]
        made.append(
            example(phrase(row, col, rng), heading, body, (at, at + len(value)), "cell yes")
        )
        question = phrase(row, col, rng)
        year = re.search(r"\b20\d\d\b", col)
        roll = rng.random()
        if year and roll < 0.5:
            wrong = swaps.swap_year(question, heading + body, rng)
        elif roll < 0.8:
            wrong = phrase(
                rng.choice([r for r in OTHER_ROWS if r.lower() not in body.lower()]), col, rng
            )
        else:
            wrong = swaps.swap_unit(question, heading + body, value + "1", rng)
        if wrong:
            made.append(example(wrong, heading, body, None, "cell no"))
    return made


LINES = (
    "Net revenues",
    "Cost of sales",
    "Gross profit",
    "Research and development",
    "Selling, general and administrative",
    "Operating income",
    "Interest expense, net",
    "Income before income taxes",
    "Provision for income taxes",
    "Net income",
    "Net loss per share",
    "Cash and cash equivalents",
    "Accounts receivable, net",
    "Inventories",
    "Property and equipment, net",
    "Total current assets",
    "Total assets",
    "Accounts payable",
    "Accrued liabilities",
    "Long-term debt",
    "Total liabilities",
    "Retained earnings",
    "Total stockholders' equity",
    "Depreciation and amortization",
    "Capital expenditures",
    "Balance at beginning of year",
    "Balance at end of year",
    "Additions based on tax positions",
    "Settlements",
    "Weighted average shares",
    "Dividends declared per share",
    "Deferred tax assets",
    "Valuation allowance",
    "Operating lease cost",
    "Unrecognized tax benefits",
    "Granted",
    "Vested",
    "Forfeited",
    "Europe",
    "Asia Pacific",
    "Americas",
    "North America",
    "Rest of world",
    "Services",
    "Products",
    "Licenses",
    "Hardware",
    "Service cost",
    "Expected return on plan assets",
    "Discount rate",
    "Expected volatility",
    "Risk-free interest rate",
    "Finished goods",
    "Raw materials",
    "Work in process",
    "Effective tax rate",
    "Bank loans",
    "Trade payables",
    "Employees",
    "Wages and salaries",
    "Social security costs",
    "Audit fees",
    "Contract liabilities",
    "Deferred revenue, beginning",
    "Purchase obligations",
    "Other, net",
    "Salary",
    "Bonus",
)


SCALES = (
    "(in thousands)",
    "(in millions)",
    "(in millions, except per share data)",
    "$ million",
    "(in thousands of euros)",
    "",
    "USD m",
)


def columns_of(year: int, rng: random.Random) -> list[str]:
    """Column headers of one kind of statement."""
    return rng.choice(
        [
            [str(year), str(year - 1)],
            [str(year), str(year - 1), str(year - 2)],
            [f"December 31, {year}", f"December 31, {year - 1}"],
            [f"{year}", f"{year - 1}", "Change"],
            [f"{year}", f"{year - 1}", "% change"],
            ["First Quarter", "Second Quarter", "Third Quarter", "Fourth Quarter"],
            [f"Year ended June 30, {year}", f"Year ended June 30, {year - 1}"],
            [f"H1 {year}", f"H1 {year - 1}", f"FY {year - 1}"],
            ["Shares", "Weighted average price"],
            ["Total", "Less than 1 year", "1-3 years", "More than 5 years"],
            ["As reported", "Adjustments", "Balance without adoption"],
        ]
    )


def amount(money: str, rng: random.Random) -> str:
    """The content of a cell."""
    value = rng.choice(
        [
            f"{rng.randint(1, 99)}.{rng.randint(0, 9)}",
            f"{rng.randint(1, 99)},{rng.randint(100, 999)}",
            f"{rng.randint(10, 999)}",
            f"{rng.randint(1, 9)},{rng.randint(100, 999)},{rng.randint(100, 999)}",
        ]
    )
    return rng.choice(
        [
            f"{money}{value}",
            f"{money}{value}",
            value,
            f"({value})",
            f"{rng.randint(0, 40)}.{rng.randint(0, 9)}%",
        ]
    )


def made_table(rng: random.Random) -> tuple[str, str]:
    """(heading, body) of a table as annual reports have them, sometimes cut from its header."""
    year = rng.randint(2008, 2025)
    columns = columns_of(year, rng)
    money = rng.choice(["", "", "$", "$ ", "£", "€"])
    scale = rng.choice(SCALES)
    header = "| " + " | ".join([scale if rng.random() < 0.5 else "", *columns]) + " |"
    rule = "|" + " --- |" * (len(columns) + 1)
    rows = [
        "| " + " | ".join([name, *(amount(money, rng) for _ in columns)]) + " |"
        for name in rng.sample(LINES, rng.randint(3, 9))
    ]
    form = rng.choice(["Group", "Holdings", "plc", "Inc.", "Corporation", "AG", "Systems"])
    company = f"{invent(rng)} {form}"
    intro = rng.choice(
        [
            f"The following table sets forth selected figures {scale}:",
            f"{company}: note {rng.randint(1, 30)} {scale}",
            "",
        ]
    )
    title = f"{company} - annual report extract {rng.randint(1, 60)}" if rng.random() < 0.8 else ""
    if rng.random() < 0.4 and len(rows) > 4:
        cut = rng.randint(1, len(rows) - 3)
        return " › ".join(
            p for p in (title, header) if p
        ) if title else f"Notes › {header}", "\n".join(rows[cut:])
    return title, "\n".join(
        p for p in (intro, "" if intro else None, header, rule, *rows) if p is not None
    )
