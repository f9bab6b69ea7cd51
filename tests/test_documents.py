"""Folder -> documents: encodings, faults, titles and web furniture."""

# ruff: noqa: E501  # East Asian characters count double

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from rag.documents import MAX_BYTES, folder, read_document, read_documents, read_folder
from rag.documents.boilerplate import find_boilerplate
from rag.documents.decoding import decode
from rag.documents.titles import find_title, readable
from rag.errors import DocumentError
from rag.types import Document

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one good document, so that reading it never fails as a whole."""
    (tmp_path / "good.txt").write_bytes(b"A good document.\n\nIt says 5 %.")
    return tmp_path


def reasons(source: Path) -> dict[str, str]:
    documents, skipped = read_folder(source)
    assert [document.id for document in documents] == ["good.txt"]
    return {skip.id: skip.reason for skip in skipped}


def read(source: Path, data: bytes, name: str = "one.txt") -> Document:
    (source / name).write_bytes(data)
    return next(d for d in read_documents(source) if d.id == name)


# --- the seeds -----------------------------------------------------------------------------------


def test_the_seeds_are_read_unchanged_and_their_note_is_none_of_them() -> None:
    documents, skipped = read_folder(SEEDS)
    assert [d.id for d in documents] == ["000_434fb3b9481581b1.txt", "002_4170dc8e25cf2f29.txt"]
    assert [(s.id, "own note" in s.reason) for s in skipped] == [("SOURCES.md", True)]
    for document in documents:
        data = (SEEDS / document.id).read_bytes()
        assert document.text.encode() == data
        assert document.sha256 == hashlib.sha256(data).hexdigest()
        assert (document.encoding, document.note) == ("utf-8", "")
    assert [d.title.split()[0] for d in documents] == ["China", "Northern"]


def test_one_document_is_read_as_it_is_with_all_the_others() -> None:
    for document in read_documents(SEEDS):
        assert read_document(SEEDS, document.id) == document
    with pytest.raises(DocumentError, match=r"none\.txt: cannot be read"):
        read_document(SEEDS, "none.txt")


def test_the_web_furniture_of_the_seeds_is_marked_and_nothing_else() -> None:
    first, second = read_documents(SEEDS)
    assert first.boilerplate == ()
    assert [second.text[start:end] for start, end in second.boilerplate] == [
        "Spread the word:",
        "CATEGORIES: , , ,",
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
    ]


# --- encodings -----------------------------------------------------------------------------------

CHINESE = (
    "北方稀土2025年上半年业绩预增公告显示，公司实现归属于上市公司股东的净利润为9亿元至9.6亿元，"
    "同比增长1882.54%到2014.71%。报告期内，公司稀土冶炼分离产品、稀土金属产品、稀土功能材料产品"
    "产量创历史新高。公司紧抓市场机遇，持续优化生产组织模式，加强产业链上下游协同。\n\n子公司金属"
    "产量同比增长83.8%，主要得益于自动加料系统的应用与技术升级。公司董事会认为，新能源汽车、风力"
    "发电和工业机器人等领域的需求将继续带动稀土永磁材料的消费增长。"
)
TRADITIONAL = (
    "公司今日公布第二季財務報告，合併營收約新台幣六千七百三十五億元，稅後純益約新台幣二千四百七十"
    "八億元，每股盈餘為新台幣九點五六元。與去年同期相比，第二季營收增加了百分之四十點一，稅後純益"
    "與每股盈餘則均增加了百分之三十六點三。\n公司表示，先進製程的營收達到全季晶圓銷售金額的百分之"
    "六十七。展望第三季，管理階層預期業績將持續成長，但仍需留意匯率變動所帶來的影響。董事會並核准"
    "配發現金股利每股四元五角。"
)
JAPANESE = (
    "当社の2025年3月期第2四半期の連結業績は、売上高が前年同期比12.3%増の5,420億円となりました。"
    "自動車向けの磁性材料の需要が堅調に推移したことに加え、為替の影響もあり、営業利益は過去最高を更新"
    "しました。一方で、原材料価格の上昇が続いており、通期の見通しについては据え置いています。\n中間"
    "配当は1株当たり45円とし、期末配当予想は50円で変更ありません。なお、将来に関する記述は、現時点で"
    "入手可能な情報に基づくものであり、実際の業績は大きく異なる可能性があります。"
)
KOREAN = (
    "당사는 2025년 상반기 연결 기준 매출액이 전년 동기 대비 12.3% 증가한 5조 4,200억 원을 기록했다고 "
    "밝혔다. 영업이익은 4,310억 원으로 시장 전망치를 웃돌았으며, 전기차용 배터리 소재 부문의 성장이 "
    "실적 개선을 이끌었다. 회사는 하반기에도 신규 공장 가동과 원가 절감을 통해 수익성을 높일 계획이라고 "
    "설명했다.\n이사회는 보통주 한 주당 1,200원의 중간 배당을 결의하였다. 다만 환율 불확실성이 남아 있다."
)
RUSSIAN = (
    "По итогам первого полугодия 2025 года выручка группы составила 54,2 млрд рублей, что на 12,3 % "
    "больше, чем годом ранее. Чистая прибыль выросла до 4,31 млрд рублей благодаря увеличению объёмов "
    "производства и снижению издержек.\nСовет директоров рекомендовал выплатить дивиденды."
)
FRENCH = (
    "Au premier semestre 2025, le chiffre d'affaires consolidé du groupe s'est élevé à 542 millions, "
    "en hausse de 12,3 % par rapport à l'année précédente. Le résultat opérationnel a progressé grâce "
    "à la bonne tenue des activités européennes et à la maîtrise des coûts.\nUn acompte sera versé."
)
GERMAN = (
    "Im ersten Halbjahr 2025 stieg der Umsatz der Gruppe um 12,3 Prozent auf 542 Millionen Euro. Das "
    "Betriebsergebnis verbesserte sich dank höherer Stückzahlen und günstigerer Rohstoffe.\nFür das "
    "Gesamtjahr erwartet der Vorstand weiterhin ein Ergebnis über dem Niveau des Vorjahres; größere "
    "Zukäufe sind nicht geplant."
)
ENGLISH = (
    "The company’s revenue rose to £12.3 million in the first half – a record – while costs stayed "
    "flat. It said that its “Crème” line sold 5 % more than a year earlier, and that the new site "
    "would open in March.\nDirectors declared an interim dividend of 4.5p a share, payable in October."
)
POLISH = (
    "W pierwszym półroczu 2025 roku przychody grupy wyniosły 542 miliony złotych, czyli o 12,3 % "
    "więcej niż rok wcześniej. Zysk netto wzrósł dzięki większej sprzedaży oraz niższym kosztom "
    "energii.\nZarząd zaproponował wypłatę dywidendy w wysokości 1,20 zł na akcję."
)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE, "gbk"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-16-le"),
        (CHINESE, "utf-16-be"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "utf-16-le"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        (GERMAN, "latin-1"),
        (GERMAN, "utf-32-le"),
        (ENGLISH, "cp1252"),
        (ENGLISH, "utf-16-be"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
    ],
)
def test_a_guessed_encoding_gives_the_exact_text_and_is_named(text: str, codec: str) -> None:
    for length in (200, len(text)):
        decoded = decode(text[:length].encode(codec))
        assert decoded.text == text[:length]
        assert decoded.note == f"encoding guessed: {decoded.encoding}"


@pytest.mark.parametrize("text", [CHINESE, RUSSIAN, ENGLISH, "short: é"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_utf_8_and_byte_order_marks_need_no_guess(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.note) == (text, "")


def test_a_byte_order_mark_is_no_text_but_line_breaks_are(source: Path) -> None:
    document = read(source, b"\xef\xbb\xbfTitle\r\n\r\nOne\rTwo\nThree\x0c")
    assert document.text == "Title\r\n\r\nOne\rTwo\nThree\x0c"


def test_a_few_broken_bytes_do_not_make_another_encoding(source: Path) -> None:
    document = read(source, CHINESE.encode()[:300] + b"\xff" + CHINESE.encode()[300:])
    assert document.text == CHINESE[: len(CHINESE.encode()[:300].decode())] + "\ufffd" + (
        CHINESE.encode()[300:].decode()
    )
    assert document.encoding == "utf-8"
    assert "\ufffd" in document.note


def test_any_bytes_become_text_without_surrogates() -> None:
    for seed in range(40):
        data = hashlib.sha512(bytes([seed])).digest() * 4
        decode(data).text.encode("utf-8")
        decode(b"\xff\xfe" + data + b"\x00").text.encode("utf-8")


# --- faults of the folder ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [False, True])
def test_a_missing_or_wrong_folder_is_named_with_the_remedy(tmp_path: Path, make: bool) -> None:
    path = tmp_path / "nowhere"
    if make:
        path.write_text("a file")
    with pytest.raises(DocumentError, match=r"nowhere: .*Put \.txt, \.pdf, .* or \.json files"):
        read_documents(path)


def test_a_folder_without_documents_says_what_it_skipped(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no document to read, 0 skipped\. Put"):
        read_documents(tmp_path)
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(DocumentError, match=r"1 skipped \(scan\.pdf: damaged: no readable PDF"):
        read_documents(tmp_path)


def test_subfolders_are_read_and_ids_sorted(source: Path) -> None:
    (source / "b" / "c").mkdir(parents=True)
    (source / "b" / "c" / "deep.MD").write_text("# Deep\n\nText.")
    (source / "a.md").write_text("# A\n\nText.")
    (source / "b" / "SOURCES.md").write_text("# Sources of rivers\n\nText.")
    ids = [document.id for document in read_documents(source)]
    assert ids == ["a.md", "b/SOURCES.md", "b/c/deep.MD", "good.txt"]


def test_what_is_no_regular_file_is_skipped_and_nothing_hangs(source: Path) -> None:
    outside = source.parent / "outside.txt"
    outside.write_text("Secret.")
    os.mkfifo(source / "pipe.txt")
    (source / "broken.txt").symlink_to(source / "missing.txt")
    (source / "loop.txt").symlink_to(source / "loop.txt")
    (source / "loops").symlink_to(source, target_is_directory=True)
    (source / "out.txt").symlink_to(outside)
    (source / "device.txt").symlink_to("/dev/zero")
    (source / ".hidden.txt").write_text("Hidden.")
    (source / ".git").mkdir()
    (source / ".git" / "config.txt").write_text("Config.")
    (source / "folder.txt").mkdir()
    assert reasons(source) == {
        "pipe.txt": "not a regular file",
        "broken.txt": "a link to nowhere: put the file itself here",
        "loop.txt": "a link to nowhere: put the file itself here",
        "loops": "a link, which is not followed: put the file itself here",
        "out.txt": "a link, which is not followed: put the file itself here",
        "device.txt": "a link, which is not followed: put the file itself here",
        ".hidden.txt": "hidden",
        ".git": "hidden",
    }


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "late.txt")
    with pytest.raises(ValueError, match="not a regular file"):
        folder._content(tmp_path / "late.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_skipped(source: Path) -> None:
    (source / "locked.txt").write_text("Locked.")
    (source / "locked.txt").chmod(0)
    assert reasons(source) == {"locked.txt": "cannot be read: Permission denied"}


def test_a_folder_that_cannot_be_listed_is_skipped(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert reasons(source) == {"closed/": "the folder cannot be listed: Permission denied"}


def test_names_that_cannot_be_shown_are_skipped_and_written_out(source: Path) -> None:
    for name in (b"caf\xe9.txt", b"new\nline.txt", "right\u202eleft.txt".encode()):
        with open(os.path.join(os.fsencode(source), name), "wb") as file:
            file.write(b"Some text.")
    found = reasons(source)
    assert sorted(found) == ["caf\\udce9.txt", "new\\nline.txt", "right\\u202eleft.txt"]
    assert set(found.values()) == {"the name holds characters that cannot be shown: rename it"}
    "".join(found).encode("utf-8")


def test_long_names_and_names_with_markup_are_read(source: Path) -> None:
    names = {"n" * 251 + ".txt", "<img src=x onerror=alert(1)>.txt", "中文 文件.md"}
    for name in names:
        (source / name).write_text("Some text.")
    assert {document.id for document in read_documents(source)} == {*names, "good.txt"}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "empty: 0 bytes"),
        ("blank.txt", b" \n\t\r\n \xe3\x80\x80", "empty: no letters or digits in it"),
        ("rule.md", b"---\n\n***", "empty: no letters or digits in it"),
        ("a.txt", b"%PDF-1.7 ...", "damaged: no readable PDF"),
        (
            "b.txt",
            b"PK\x03\x04zip",
            "damaged: no readable zip or office file (File is not a zip file)",
        ),
        ("c.md", b"\x89PNG\r\n\x1a\n", "a PNG picture, not a document that can be read"),
        ("d.txt", b"\x7fELF\x02\x01", "a program, not a document that can be read"),
        ("e.txt", bytes(range(32)) * 20, "binary: no text in it"),
        ("f.txt", b"\x00\x01\x02\x00" * 300, "binary: no text in it"),
        ("i.docx", b"PK", "no Word file: it does not begin as one"),
        (
            "README",
            b"x",
            "format without a suffix is not supported yet, only .txt, .pdf, .docx, .xlsx, .csv, .html"
            " or .json",
        ),
    ],
)
def test_what_is_no_text_is_skipped_with_its_reason(
    source: Path, name: str, data: bytes, reason: str
) -> None:
    (source / name).write_bytes(data)
    assert reasons(source) == {name: reason}


def test_random_bytes_are_no_text(source: Path) -> None:
    for i in range(20):
        data = b"".join(hashlib.sha512(bytes([i, j])).digest() for j in range(60))
        (source / f"{i}.txt").write_bytes(data)
    assert set(reasons(source).values()) <= {"binary: no text in it"}


def test_a_file_over_the_limit_is_skipped_unread(source: Path) -> None:
    with open(source / "huge.txt", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert reasons(source) == {"huge.txt": "larger than the limit of 50 MB: split it"}


def test_control_characters_inside_a_text_are_kept(source: Path) -> None:
    text = "Profit\x00 rose 5 %\u202e in 2024,\u200b said the board.\ue000"
    assert read(source, text.encode()).text == text


def test_the_walk_opens_files_without_waiting() -> None:
    assert stat.S_ISREG(os.stat(SEEDS / "SOURCES.md").st_mode)
    assert b"note about the folder" in folder._content(SEEDS / "SOURCES.md")


# --- titles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n# **Annual** report (opens in a new tab)\n\nText.", "Annual report"),
        ("Menu line\n\n# The real title\n", "The real title"),
        ("A short title\nText that goes on and on.", "A short title"),
        ("**Notice of dividend**\n**Second**\n", "Notice of dividend"),
        ("☰ AXLE LOAD [Log in](#) [Menu]\n\nText.", "AXLE LOAD"),
        ("PEMBERTON CIRCUITS & SYSTEMS, INC.\nResults", "PEMBERTON CIRCUITS & SYSTEMS, INC."),
        ("This is a sentence.\n\n## A section\n", "A section"),
        ("This is a sentence.\n\nAnd another one.", ""),
        ("- an item\n- another", ""),
        ("| a | b |\n|---|---|", ""),
        ("x" * 500, ""),
        ("", ""),
    ],
)
def test_find_title(text: str, title: str) -> None:
    assert find_title(text) == title


def test_furniture_is_no_title(source: Path) -> None:
    document = read(source, b"Skip to content\n\nThe title of it\n\nSome text.")
    assert document.title == "The title of it"


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("012_annual-report", "annual report"),
        ("s1_012_tea_note", "tea note"),
        ("1973_oil_crisis", "oil crisis"),
        ("2024", "2024"),
        ("000_434fb3b9", "434fb3b9"),
        ("___", "___"),
    ],
)
def test_a_file_name_as_title(stem: str, title: str) -> None:
    assert readable(stem) == title


# --- web furniture -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "## Leave a comment",
        "Your email address will not be published. Required fields are marked *",
        "Spread the word:",
        "Share this story: [f] [in] [x]",
        "**Share this:** f · x · in · ✉",
        "CATEGORIES: , , ,",
        "Tags: rare earths, China, magnets",
        "Filed under: News",
        "We use cookies. Accept all · Settings",
        "Accept all cookies? [Yes] [Manage]",
        "© Retail Morning 2024. All rights reserved.",
        "Subscribe to our newsletter",
        "Sign up for our free weekly newsletter today!",
        "Related posts",
        "Read more »",
        "← Previous post",
        "Comments (14)",
        "3 comments",
        "Comments (14) · Report a mistake · Weather · Machines for sale · Advertise with us",
        "Home › About us › **Group companies** › Careers › Contact",
        "Skip to main content · Subscribe · Log in",
        "[View in browser] | [Forward to a friend] | [Unsubscribe]",
        "Laisser un commentaire",
        "Votre adresse e-mail ne sera pas publiée. Les champs obligatoires sont indiqués avec *",
        "Kommentar hinterlassen",
        "Todos los derechos reservados",
        "发表评论",
        "<!-- advertisement slot 3 -->",
    ],
)
def test_furniture_is_marked(line: str) -> None:
    text = f"The company grew.\n\n  {line}  \n\nIt sells tea."
    start = text.index(line)
    assert find_boilerplate(text) == ((start, start + len(line)),)


@pytest.mark.parametrize(
    "line",
    [
        "Comments",
        "About us",
        "Share capital: 12 million",
        "Share on total revenue: 12%",
        "Category: Large cap",
        "Categories: 12 in 2024, 14 in 2025",
        "Topics: wheat and barley",
        "The search for a successor has started.",
        "We use cookies as an example of how 14 % of customers came back.",
        "Home | 12 | 14 | 15",
        "| Home | About | Contact |",
        "Your email address will not be given to anyone, said the chairman.",
        "Copyright income rose by 5 % to EUR 3 million.",
        "The newsletter has 12,000 readers.",
        "Read more than ever: sales of books rose 5 %",
        "Text <!-- note --> goes on",
    ],
)
def test_what_could_be_a_fact_is_not_marked(line: str) -> None:
    assert find_boilerplate(f"The company grew.\n\n{line}\n\nIt sells tea.") == ()


def test_a_long_comment_is_one_range() -> None:
    text = "One.\n<!--\nhidden\nLeave a Reply\n-->\nTwo."
    assert [text[start:end] for start, end in find_boilerplate(text)] == [text[5:-5]]
