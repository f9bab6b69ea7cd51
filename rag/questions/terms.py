"""What people call things: metrics with their synonyms, and abbreviations of finance and business.

Two tables and the functions that read them. A metric is named by one canonical wording; the first
wordings of a row are what documents print, the rest what people ask.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_METRICS: Final = """
revenue/money: revenue, revenues, sales, turnover, net sales, net revenue, top line,
    total revenue, operating revenue, income from operations, rev, 营业收入, 收入, 营收, 销售额
net profit/money: net profit, net income, net earnings, profit attributable, attributable profit,
    profit after tax, net loss, bottom line, profit for the year, profit for the period,
    earn after tax, after tax, 净利润, 归母净利润, 净亏损
profit/money: profit, profits, earnings, loss, losses, 利润, 亏损
operating profit/money: operating profit, operating income, operating loss, ebit,
    operating result, core operating profit, recurring operating income, profit from operations,
    营业利润
profit before tax/money: profit before tax, pre-tax profit, pretax profit, profit before taxation,
    income before taxes, income before tax, before tax, pbt, 税前利润
ebitda/money: ebitda, adjusted ebitda, ebitdax, core profit, earnings before interest, 息税折旧
gross profit/money: gross profit, gross income, 毛利
gross margin/percent: gross margin, gross profit margin, 毛利率
operating margin/percent: operating margin, ebit margin, operating profit margin,
    core operating margin, ebita margin
ebitda margin/percent: ebitda margin
net margin/percent: net margin, net profit margin, 净利率
net interest margin/percent: net interest margin, nim, 净息差
margin/percent: margin, margins
earnings per share/money: earnings per share, eps, profit per share, loss per share, 每股收益
dividend/money: dividend, dividends, payout, dividend per share, dps, distribution,
    interim dividend, final dividend, 股息, 分红, 股利
payout ratio/percent: payout ratio, dividend payout ratio, dividend cover
dividend yield/percent: dividend yield, yield, 股息率
price-to-earnings ratio/ratio: price-to-earnings ratio, price-to-earnings, price earnings ratio,
    p/e, p/e ratio, pe ratio, per ratio, earnings multiple, forward p/e, 市盈率
price-to-book ratio/ratio: price-to-book ratio, price-to-book, p/b, p/b ratio, 市净率
market capitalisation/money: market capitalisation, market capitalization, market cap, mkt cap,
    market value, mcap, 市值
share price/money: share price, stock price, closing price, price of the share, share close,
    stock close, quote, 股价, 收盘价
52-week high/money: 52-week high, 52wk high, 52 week high, year high, twelve-month high, 52周最高
52-week low/money: 52-week low, 52wk low, 52 week low, year low, twelve-month low, 52周最低
trading volume/quantity: trading volume, volume traded, shares traded, 成交量
target price/money: target price, price target, price objective, 目标价
net asset value/money: net asset value, nav, book value
total assets/money: total assets, assets, balance sheet total, 总资产, 资产总额
equity/money: equity, shareholders equity, stockholders equity, shareholders' equity, net assets,
    净资产
leverage/ratio: leverage, leverage ratio, net debt/ebitda, debt/ebitda, net debt to ebitda
enterprise multiple/ratio: enterprise multiple, ev/ebitda, ev/ebit, ev/sales,
    enterprise value to ebitda
book-to-bill/ratio: book-to-bill, book-to-bill ratio
debt/money: net debt, debt, borrowings, total debt, gross debt, net cash, 负债, 债务
cash/money: cash, cash and cash equivalents, cash balance, cash position, 现金
cash flow/money: cash flow, free cash flow, operating cash flow, fcf, cash flow from operations,
    现金流
capital expenditure/money: capital expenditure, capital expenditures, capital spending, capex,
    capital investment, 资本开支
investment/money: investment, investments, invested, 投资, 投资额
research and development/money: research and development, r&d, research spending, 研发
costs/money: cost, costs, expenses, expense, operating expenses, opex, 成本, 费用
all-in sustaining cost/money: all-in sustaining cost, all-in sustaining costs, aisc
price/money: price, prices, 价格
fee/money: fee, fees, commission
fine/money: fine, penalty, 罚款
tax/money: tax, taxes, income tax, 税
loans/money: loans, loan book, lending, net loans, 贷款
deposits/money: deposits, customer deposits, 存款
non-performing loans/percent: non-performing loans, npl, npl ratio, npls, bad loans,
    bad debt ratio, 不良贷款率
capital ratio/percent: capital ratio, cet1, cet1 ratio, capital adequacy ratio, tier 1 ratio,
    solvency ratio, 资本充足率
assets under management/money: assets under management, aum
premiums/money: premiums, premium income, gross written premiums, gwp, 保费
combined ratio/percent: combined ratio
loan-to-value/percent: loan-to-value, ltv
return on equity/percent: return on equity, roe, 净资产收益率
return on capital/percent: return on capital, roce, roic, return on capital employed,
    return on assets, roa
interest rate/percent: interest rate, coupon, rate of interest, 利率
growth/percent: growth, growth rate, increase, rise, gain, 增长, 增长率, 增幅
decline/percent: decline, decrease, fall, drop, 下降, 降幅
market share/percent: market share, share of the market, share of the domestic market, 市场份额,
    市占率
stake/percent: stake, shareholding, holding, interest in, 股份, 持股
utilisation/percent: utilisation, utilization, utilisation rate, capacity utilisation, occupancy,
    occupancy rate, load factor, 利用率
output/quantity: output, production, produced, volume produced, 产量
sales volume/quantity: sales volume, sales volumes, volumes, shipments, deliveries, units sold,
    销量
capacity/quantity: capacity, annual capacity, nameplate capacity, production capacity,
    planned capacity, 产能
reserves/quantity: reserves, resources, ore reserves, mineral resource, 储量
orders/money: order book, order intake, backlog, orders, bookings, new orders, order backlog, 订单
headcount/count: headcount, employees, staff, workforce, personnel, workers, number of employees,
    员工, 员工人数
stores/count: stores, outlets, branches, shops, 门店
customers/count: customers, subscribers, clients, users, 客户
shares outstanding/count: shares outstanding, shares in issue, share count, number of shares,
    总股本
buyback/money: buyback, buy-back, share repurchase, repurchases, share buyback, 回购
guidance/money: guidance, outlook, forecast, full-year outlook, 指引
emissions/quantity: emissions, greenhouse gas emissions, carbon emissions, co2 emissions,
    scope 1 emissions, scope 2 emissions, 排放
rating/: rating, credit rating, recommendation, 评级
chief executive/: chief executive, chief executive officer, ceo, managing director, boss,
    head of the company, 首席执行官
chief financial officer/: chief financial officer, cfo, finance director, finance chief,
    首席财务官
chairman/: chairman, chair, chairwoman, chairperson, 董事长
headquarters/: headquarters, head office, hq, based, headquartered, 总部
general meeting/: annual general meeting, agm, shareholders' meeting, general meeting, 股东大会
auditor/: auditor, auditors, 审计师
owner/: owner, majority owner, controlling shareholder, parent, parent company,
    majority shareholder, 控股股东
"""

_ABBREVIATIONS: Final = """
p/e: price-to-earnings ratio | p/b: price-to-book ratio | p/s: price-to-sales ratio
pe ratio: price-to-earnings ratio | ev/ebitda: enterprise value to ebitda | ev: enterprise value
mkt cap: market capitalization | market cap: market capitalization | mcap: market capitalization
52wk: 52-week | 52w: 52-week | 52 wk: 52-week | yoy: year-on-year | y/y: year-on-year
y-o-y: year-on-year | qoq: quarter-on-quarter | q/q: quarter-on-quarter | mom: month-on-month
m/m: month-on-month | ytd: year to date | ttm: trailing twelve months | ltm: last twelve months
capex: capital expenditure | opex: operating expenses | dps: dividend per share
eps: earnings per share | divi: dividend | rev: revenue | revs: revenues
sga: selling general and administrative expenses | cogs: cost of goods sold
pbt: profit before tax | pat: profit after tax | npat: net profit after tax | fcf: free cash flow
ocf: operating cash flow | nav: net asset value | aum: assets under management
npl: non-performing loans | npls: non-performing loans | nim: net interest margin
car: capital adequacy ratio | roe: return on equity | roa: return on assets
roce: return on capital employed | roic: return on invested capital | ltv: loan-to-value
gwp: gross written premiums | aisc: all-in sustaining cost
wacc: weighted average cost of capital | irr: internal rate of return | npv: net present value
lfl: like-for-like | sss: same-store sales | sssg: same-store sales growth
npe: non-performing exposures | dcf: discounted cash flow | cagr: compound annual growth rate
agm: annual general meeting
egm: extraordinary general meeting | ipo: initial public offering | ceo: chief executive officer
cfo: chief financial officer | coo: chief operating officer | cto: chief technology officer
md: managing director | hq: headquarters | m&a: mergers and acquisitions | jv: joint venture
mou: memorandum of understanding | r&d: research and development | soe: state-owned enterprise
otc: over the counter | etf: exchange-traded fund | esg: environmental social and governance
ghg: greenhouse gas | fx: foreign exchange | asp: average selling price
arpu: average revenue per user | gmv: gross merchandise value | kpi: key performance indicator
sqm: square metres | h1: first half | h2: second half | 1h: first half | 2h: second half
q1: first quarter | q2: second quarter | q3: third quarter | q4: fourth quarter | 9m: nine months
fy: full year | mgmt: management | govt: government | est: estimate | avg: average
approx: approximately | vol: volume | div: dividend | int'l: international | vs: versus
"""


@cache
def metric_table() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return {canonical metric: (its wordings, kind of figure it is measured in)}."""
    table = {}
    for row in _METRICS.replace("\n    ", " ").strip().splitlines():
        head, _, wordings = row.partition(": ")
        name, _, wanted = head.rpartition("/")
        table[name] = (tuple(word.strip() for word in wordings.split(",")), wanted)
    return table


def metric_terms(metric: str) -> tuple[str, ...]:
    """Return every wording of a canonical metric; empty for a name that is not in the table."""
    return metric_table().get(metric, ((), ""))[0]


def measured_in(metric: str) -> str:
    """Return the kind of figure a metric is measured in: money, percent, quantity, … or ""."""
    return metric_table().get(metric, ((), ""))[1]


@cache
def _wordings() -> dict[str, str]:
    return {word: name for name, (words, _) in metric_table().items() for word in words}


@cache
def _by_first_word() -> dict[str, list[str]]:
    """First word -> the wordings that begin with it, the longest first."""
    table: dict[str, list[str]] = {}
    for wording in sorted(_wordings(), key=len, reverse=True):
        if wording.isascii():
            table.setdefault(wording.split(" ")[0], []).append(wording)
    return table


@cache
def _dense_pattern() -> re.Pattern[str]:
    dense = [word for word in _wordings() if not word.isascii()]
    return re.compile("|".join(sorted(dense, key=len, reverse=True)))


_TERM: Final = re.compile(r"[a-z0-9][\w&/-]*(?:'(?= )|s' equity\b)?")
_PLAIN: Final = str.maketrans("\u2011\u2010\u2019", "--'")


def metrics_found(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, canonical metric) of the metrics named in ``text``, by place.

    The longest wording wins: "net interest margin" is not "margin". Case does not matter.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    lowered = lowered.translate(_PLAIN)
    wordings, first = _wordings(), _by_first_word()
    found: list[tuple[int, int, str]] = []
    position = 0
    for match in _TERM.finditer(lowered):
        start = match.start()
        if start < position:
            continue
        for wording in first.get(match.group(), ()):
            position = start + len(wording)
            position += lowered.startswith("s", position)
            if (
                lowered.startswith(wording, start)
                and not lowered[position : position + 1].isalnum()
            ):
                found.append((start, position, wordings[wording]))
                break
        else:
            position = start
    if not text.isascii():
        dense = _dense_pattern().finditer(lowered)
        found = sorted(found + [(m.start(), m.end(), wordings[m.group()]) for m in dense])
    return found


def metrics_in(text: str) -> frozenset[str]:
    """Return the canonical metrics that a text names."""
    return frozenset(metric for _, _, metric in metrics_found(text))


@cache
def abbreviations() -> dict[str, str]:
    """Return {abbreviation: full wording}, both in lower case."""
    pairs = re.split(r"\s*[|\n]\s*", _ABBREVIATIONS.strip())
    return {short: full for short, _, full in (pair.partition(": ") for pair in pairs)}


@cache
def _abbreviation_pattern() -> re.Pattern[str]:
    shorts = sorted(abbreviations(), key=len, reverse=True)
    return re.compile(r"(?<![\w/&-])(" + "|".join(map(re.escape, shorts)) + r")(?![\w/&])")


@cache
def _full_form_pattern() -> re.Pattern[str]:
    fulls = sorted(_shorts(), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, fulls)) + r")(?![\w])")


@cache
def _shorts() -> dict[str, str]:
    """Full wording -> the first abbreviation listed for it."""
    return {full: short for short, full in reversed(abbreviations().items())}


def spelled_out(folded: str) -> str:
    """Return folded text with each abbreviation replaced by its long form."""
    return _abbreviation_pattern().sub(lambda match: abbreviations()[match.group()], folded)


def expanded(folded: str) -> str:
    """Return folded question text with the other form of each abbreviation appended.

    Both forms are kept: a document may print either ("P/E 85.8" or "price-to-earnings ratio").
    """
    added: list[str] = []
    for match in _abbreviation_pattern().finditer(folded):
        added.append(abbreviations()[match.group()])
    for match in _full_form_pattern().finditer(folded):
        added.append(_shorts()[match.group()])
    new = [words for words in dict.fromkeys(added) if words not in folded]
    return " ".join([folded, *new])
