"""Tables: what scales, currencies and units are called, and which measure the same dimension.

Plain data and small functions that read it. Names are looked up in lower case, except the few
short symbols whose case carries the meaning ("Mt" is a million tonnes, "mt" one).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal


def listed(words: str) -> list[str]:
    """Return the words of a table that is written as running text."""
    return words.split()


def _table(rows: str) -> dict[str, str]:
    """Read lines of ``canonical: name, name`` into {name: canonical}."""
    names: dict[str, str] = {}
    for row in rows.strip().splitlines():
        canonical, _, synonyms = row.strip().partition(":")
        for name in synonyms.split(","):
            names[name.strip()] = canonical
    return names


SCALES: Final[dict[str, Decimal]] = {
    name: Decimal(10) ** int(power)
    for name, power in _table("""
        2: hundred
        3: thousand, thousands, k, '000, 000s, ths, tsd, thsd, 千
        4: 万, 萬
        5: lakh, lakhs, lac, lacs
        6: million, millions, m, mn, mln, mio, mil, mm, 百万, 百萬
        7: crore, crores, cr, 千万
        8: 亿, 億
        9: billion, billions, bn, bln, b, 十亿
        12: trillion, trillions, tn, trn, 万亿, 兆
    """).items()
}
"""Scale words. The bare letters k, m, b, t are judged by their neighbours in ``quantities``."""

CURRENCY_CODES: Final[frozenset[str]] = frozenset(
    listed(
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
        "BWP BYN BZD CAD CDF CHF CLF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB "
        "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK "
        "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
        "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
        "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
        "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XDR XOF "
        "XPF YER ZAR ZMW ZWL"
    )
)

CURRENCY_SIGNS: Final[dict[str, str]] = _table("""
    CNY: RMB, CN¥, RMB¥
    USD: US$, U.S.$, USD$, US-$
    AUD: A$, AU$, AUD$
    CAD: C$, CA$, CAD$, Cdn$
    NZD: NZ$
    HKD: HK$
    SGD: S$, SG$
    TWD: NT$, NTD
    BRL: R$
    MXN: MX$, Mex$
    ARS: AR$
    $: $
    EUR: €
    GBP: £, STG
    JPY: JP¥
    ¥: ¥
    KRW: ₩
    INR: ₹
    NGN: ₦
    PHP: ₱
    THB: ฿
    VND: ₫
    ILS: ₪, NIS
    UAH: ₴
    TRY: ₺
    KZT: ₸
    BDT: Tk
    GHS: GH₵, GH¢
    RUB: ₽
    Rs: Rs., Rs
    IDR: Rp
    MYR: RM
    KES: KSh, KShs, Ksh, Kshs
    TZS: TSh, TZS
    UGX: USh
    PEN: S/
    PLN: zł
    CZK: Kč
    HUF: Ft
    CHF: Fr., SFr.
    kr: kr, Kr
""")
"""What stands before (or right behind) a number. ``$``, ``¥``, ``kr``, ``Rs`` do not say which."""

CURRENCY_WORDS: Final[dict[str, str]] = _table("""
    CNY: yuan, renminbi, rmb, 元, 人民币, 元人民币
    USD: us dollar, us dollars, u.s. dollars, american dollars, 美元
    AUD: australian dollars, australian dollar, 澳元
    CAD: canadian dollars, canadian dollar, 加元
    NZD: new zealand dollars, new zealand dollar
    HKD: hong kong dollars, hong kong dollar, 港元, 港币
    SGD: singapore dollars, singapore dollar, 新加坡元
    TWD: new taiwan dollars, taiwan dollars, 新台币, 台币
    $: dollar, dollars, buck, bucks
    EUR: euro, euros, 欧元
    GBP: pound, pounds, pounds sterling, sterling, 英镑
    JPY: yen, japanese yen, 日元, 日圆
    KRW: won, korean won, 韩元
    INR: rupee, rupees, indian rupees, 卢比
    RUB: rouble, roubles, ruble, rubles, 卢布
    CHF: swiss franc, swiss francs, francs, 瑞士法郎
    SEK: swedish kronor, swedish krona, kronor, krona
    NOK: norwegian kroner, norwegian krone
    DKK: danish kroner, danish krone
    kr: kr, kroner
    PLN: zloty, zlotys, zł, złoty
    CZK: koruna, korunas, kč
    HUF: forint, forints
    TRY: lira, liras, turkish lira
    BRL: reais, brazilian real
    ZAR: rand
    THB: baht
    VND: dong, đồng, đ
    IDR: rupiah
    MYR: ringgit
    KZT: tenge
    ILS: shekel, shekels
    SAR: riyal, riyals, saudi riyals
    AED: dirham, dirhams
    NGN: naira
    KES: kenyan shillings, shillings, ksh
    peso: peso, pesos
    RON: leu, lei
    ZMW: kwacha
    UAH: hryvnia
""")

CENT_WORDS: Final[dict[str, str]] = _table("""
    GBP: p, pence, penny
    $: cents, cent, c, ¢
    USD: us cents, us cent, u.s. cents
    AUD: australian cents
    EUR: euro cents, euro cent, eurocents
    CNY: fen
    INR: paise
""")
"""Hundredths of a currency."""

DOLLARS: Final[frozenset[str]] = frozenset(
    {"USD", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "BRL", "MXN", "ARS", "CLP", "COP"}
)
LOOSE: Final[dict[str, frozenset[str]]] = {
    "$": DOLLARS,
    "¥": frozenset({"CNY", "JPY"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "Rs": frozenset({"INR", "PKR", "LKR", "NPR", "MUR"}),
    "peso": frozenset({"MXN", "ARS", "CLP", "COP", "PHP", "UYU", "DOP"}),
    "INR": frozenset({"PKR", "LKR", "NPR"}),
}
"""Which codes a sign or word that does not name its country may stand for."""

SYMBOLS: Final[dict[str, tuple[str, Decimal]]] = {
    "t": ("t", Decimal(1)),
    "kt": ("t", Decimal(10) ** 3),
    "Kt": ("t", Decimal(10) ** 3),
    "KT": ("t", Decimal(10) ** 3),
    "Mt": ("t", Decimal(10) ** 6),
    "MMt": ("t", Decimal(10) ** 6),
    "Gt": ("t", Decimal(10) ** 9),
    "mt": ("t", Decimal(1)),
    "MT": ("t", Decimal(1)),
    "koz": ("oz", Decimal(10) ** 3),
    "Moz": ("oz", Decimal(10) ** 6),
    "kboe": ("boe", Decimal(10) ** 3),
    "mmboe": ("boe", Decimal(10) ** 6),
    "kb": ("bbl", Decimal(10) ** 3),
    "h": ("hour", Decimal(1)),
    "g": ("g", Decimal(1)),
    "m": ("m", Decimal(1)),
    "l": ("l", Decimal(1)),
    "L": ("l", Decimal(1)),
    "V": ("V", Decimal(1)),
    "A": ("A", Decimal(1)),
    "K": ("K", Decimal(1)),
    "kV": ("kV", Decimal(1)),
    "Ah": ("Ah", Decimal(1)),
    "nm": ("nm", Decimal(1)),
}
"""Short symbols, case kept: (canonical unit, factor applied to the value)."""

UNITS: Final[dict[str, str]] = _table("""
    t: tonne, tonnes, metric ton, metric tons, metric tonne, metric tonnes, 吨, 公吨
    ton: ton, tons, short tons, long tons, short ton
    kg: kg, kgs, kilogram, kilograms, kilogramme, kilogrammes, kilo, kilos, 公斤, 千克
    g: gram, grams, gramme, grammes, 克
    mg: mg, milligram, milligrams
    lb: lb, lbs
    oz: oz, ounce, ounces, troy ounces, troy ounce, 盎司
    ct: carat, carats, ct, cts
    bbl: barrel, barrels, bbl, bbls, 桶
    boe: boe, barrels of oil equivalent
    bpd: bpd, b/d, bbl/d, bopd, barrels per day, barrels a day
    boepd: boepd, boe/d
    kWh: kwh, kilowatt-hour, kilowatt-hours, kilowatt hours, 千瓦时
    MWh: mwh, megawatt-hour, megawatt-hours, megawatt hours, 兆瓦时
    GWh: gwh, gigawatt-hour, gigawatt-hours, gigawatt hours, 吉瓦时
    TWh: twh, terawatt-hour, terawatt-hours, terawatt hours
    W: watt, watts
    kW: kw, kilowatt, kilowatts, 千瓦
    MW: mw, mwp, mwdc, mwac, megawatt, megawatts, 兆瓦
    GW: gw, gwp, gigawatt, gigawatts, 吉瓦
    MVA: mva
    mm: mm, millimetre, millimetres, millimeter, millimeters, 毫米
    cm: cm, centimetre, centimetres, centimeter, centimeters, 厘米
    m: metre, metres, meter, meters, 米
    km: km, kms, kilometre, kilometres, kilometer, kilometers, 公里, 千米
    mile: mile, miles, 英里
    ft: ft, foot, feet
    inch: inch, inches
    micron: micron, microns, µm, μm
    m2: m2, m², sq m, sqm, sq. m, square metre, square metres, square meter, square meters, 平方米
    km2: km2, km², sq km, square kilometres, square kilometers, square kilometre, 平方公里
    sqft: sq ft, sqft, square foot, square feet, sq. ft
    ha: ha, hectare, hectares, 公顷
    acre: acre, acres, 英亩
    m3: m3, m³, cubic metre, cubic metres, cubic meter, cubic meters, 立方米
    bcm: bcm
    mcm: mcm
    cf: cubic feet, cubic foot
    l: litre, litres, liter, liters, 升
    hl: hl, hectolitre, hectolitres
    ml: ml, millilitre, millilitres
    gal: gallon, gallons
    bushel: bushel, bushels
    teu: teu, teus
    tce: tce
    MMBtu: mmbtu, btu
    km/h: km/h, kph
    mph: mph
    °C: °c, degrees celsius, degrees c, ℃, 摄氏度
    °F: °f, degrees fahrenheit
    Hz: hz, hertz
    GHz: ghz
    MB: mb, megabyte, megabytes
    GB: gb, gigabyte, gigabytes
    TB: tb, terabyte, terabytes
    ppm: ppm
    ppb: ppb
    second: second, seconds, sec, secs, 秒
    minute: minute, minutes, min, mins, 分钟
    hour: hour, hours, hr, hrs, 小时
    day: day, days, 天, 日
    week: week, weeks, wk, wks, 周
    month: month, months, 个月
    year: year, years, yr, yrs, year-old, years old, 年
    decade: decade, decades
    point: index points, points
""")

COUNTED: Final[dict[str, str]] = _table("""
    share: share, shares, 股
    employee: employee, employees, staff, staff members, workers, worker, ftes, fte
    employee: 员工, 名员工, 名
    person: person, persons, people, 人
    customer: customer, customers, client, clients, subscriber, subscribers, user, users
    customer: 客户
    unit: unit, units, 台, 件, 套
    vehicle: vehicle, vehicles, 辆
    household: household, households
    store: store, stores, outlet, outlets, 家门店
    company: company, companies, 家, 家公司
    item: 个
""")
"""Things that are counted, kind "count"; other plural nouns are taken as they stand."""

DIMENSIONS: Final[dict[str, tuple[str, Decimal]]] = {
    "kg": ("mass", Decimal("0.001")),
    "g": ("mass", Decimal("0.000001")),
    "mg": ("mass", Decimal("0.000000001")),
    "t": ("mass", Decimal(1)),
    "ton": ("mass", Decimal(1)),
    "kWh": ("energy", Decimal(1)),
    "MWh": ("energy", Decimal(10) ** 3),
    "GWh": ("energy", Decimal(10) ** 6),
    "TWh": ("energy", Decimal(10) ** 9),
    "W": ("power", Decimal("0.001")),
    "kW": ("power", Decimal(1)),
    "MW": ("power", Decimal(10) ** 3),
    "GW": ("power", Decimal(10) ** 6),
    "mm": ("length", Decimal("0.001")),
    "cm": ("length", Decimal("0.01")),
    "m": ("length", Decimal(1)),
    "km": ("length", Decimal(10) ** 3),
    "m2": ("area", Decimal(1)),
    "ha": ("area", Decimal(10) ** 4),
    "km2": ("area", Decimal(10) ** 6),
    "l": ("volume", Decimal("0.001")),
    "ml": ("volume", Decimal("0.000001")),
    "hl": ("volume", Decimal("0.1")),
    "m3": ("volume", Decimal(1)),
    "day": ("time", Decimal(1)),
    "week": ("time", Decimal(7)),
    "month": ("months", Decimal(1)),
    "year": ("months", Decimal(12)),
    "minute": ("hours", Decimal(1)),
    "hour": ("hours", Decimal(60)),
    "MB": ("data", Decimal(1)),
    "GB": ("data", Decimal(10) ** 3),
    "TB": ("data", Decimal(10) ** 6),
    "bp": ("points", Decimal("0.01")),
    "pp": ("points", Decimal(1)),
    "employee": ("people", Decimal(1)),
    "person": ("people", Decimal(1)),
}
"""Unit -> (dimension, size in the dimension's base unit). A ton is counted as a tonne: press
releases use the words for one another, and the difference between them is kept in ``unit``."""

PERCENT: Final[dict[str, tuple[Literal["percent", "points", "ratio"], str]]] = {
    "%": ("percent", "%"),
    "pct": ("percent", "%"),
    "pct.": ("percent", "%"),
    "percent": ("percent", "%"),
    "per cent": ("percent", "%"),
    "percentage points": ("points", "pp"),
    "percentage point": ("points", "pp"),
    "percent points": ("points", "pp"),
    "per cent points": ("points", "pp"),
    "% points": ("points", "pp"),
    "%-points": ("points", "pp"),
    "pp": ("points", "pp"),
    "ppt": ("points", "pp"),
    "ppts": ("points", "pp"),
    "pps": ("points", "pp"),
    "个百分点": ("points", "pp"),
    "百分点": ("points", "pp"),
    "basis points": ("points", "bp"),
    "basis point": ("points", "bp"),
    "bps": ("points", "bp"),
    "bp": ("points", "bp"),
    "个基点": ("points", "bp"),
    "基点": ("points", "bp"),
    "‰": ("percent", "‰"),
    "x": ("ratio", "x"),
    "times": ("ratio", "x"),
    "-fold": ("ratio", "x"),
    "fold": ("ratio", "x"),
    "倍": ("ratio", "x"),
    "×": ("ratio", "x"),
}

PER: Final[dict[str, str]] = {
    **{name: unit for name, unit in UNITS.items() if unit != "point"},
    **{symbol: symbol for symbol in ("t", "g", "m", "l")},
    **{"h": "hour", "d": "day"},
    **COUNTED,
    **_table("""
        share: ads, ordinary share, unit of stock, 每股
        year: annum, a year, annually, yearly, 年
        month: monthly
        day: daily, 天
        week: weekly
        cell: cell
        car: car
        vehicle: vehicle
        head: head, capita
        Wh: wh
        W: w
    """),
}
"""Denominators of rates: "per tonne", "/t", "a share", "a year"."""

_BELOW_TWENTY_ONE = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS: Final[dict[str, int]] = {
    word: value for value, word in enumerate(listed(_BELOW_TWENTY_ONE))
} | {word: 10 * tens for tens, word in enumerate(listed(_TENS), 3)}


def loosely_equal(one: str, other: str) -> bool:
    """Return whether two currency names can mean the same money ("$" and "AUD" can)."""
    return one == other or other in LOOSE.get(one, ()) or one in LOOSE.get(other, ())


def in_base(unit: str) -> tuple[str, Decimal]:
    """Return the dimension of ``unit`` and its size there; a unit of its own kind otherwise."""
    return DIMENSIONS.get(unit, (unit, Decimal(1)))


def singular(noun: str) -> str:
    """Return a plural English noun in the singular, by its ending."""
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "shes", "ches", "xes", "zes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
