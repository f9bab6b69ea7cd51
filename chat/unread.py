"""Why a file was not read, in the reader's language.

English is what `rag` says itself; a reason that is not known here, or a word of a library in it,
stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

_SENTENCES: Final = {
    "zh": [
        (r"hidden", "隐藏文件"),
        (r"not a regular file", "不是普通文件"),
        (r"a link, which is not followed: .*", "链接，不会跟随：请把文件本身放到这里"),
        (r"a link to nowhere: .*", "失效的链接：请把文件本身放到这里"),
        (r"the name holds characters .*", "文件名含有无法显示的字符：请重命名"),
        (r"the folder's own note about its documents, .*", "文件夹自带的文档说明，不是文档"),
        (r"format without a suffix is not supported yet, .*", "没有扩展名的文件目前不支持"),
        (r"format (.+) is not supported yet, .*", "目前不支持 {} 格式"),
        (r"larger than the limit of (.+) MB: .*", "超过 {} MB 的上限：请拆分"),
        (r"empty: no letters or digits in it", "空文件：没有文字或数字"),
        (r"empty: a page without text", "空文件：网页没有文字"),
        (r"empty: 0 bytes", "空文件：0 字节"),
        (r"binary: no text in it", "二进制文件：没有文字"),
        (r"(.+), not a document that can be read", "{}，不是可读取的文档"),
        (r"no (.+) file: it does not begin as one", "不是 {} 文件：开头不符"),
        (r"a zip archive, not a document: .*", "ZIP 压缩包，不是文档：请解压到文件夹中"),
        (r"unpacks to (.+) MB: .*", "解压后有 {} MB：对文档来说过大"),
        (r"an office file of before 2007: .*", "2007 年以前的格式：请另存为 .docx 或 .xlsx"),
        (r"encrypted: .*", "已加密：请另存为无密码的文件"),
        (r"no text layer: its pages .*", "没有文字层：页面是图片，请先做文字识别（OCR）"),
        (r"no text layer: its fonts .*", "没有文字层：字体未说明所显示的是哪些字"),
        (r"more than (.+) cells: .*", "超过 {} 个单元格：请拆分，或另存为 CSV"),
        (r"holds more than (.+) million characters", "超过 {} 百万个字符"),
        (r"took longer than (.+) s to read: .*", "读取超过 {} 秒：请拆分"),
        (r"needs more than (.+) MB of memory to be read: .*", "读取需要超过 {} MB 内存：请拆分"),
        (r"(.+) needs a library: (.+)", "{} 需要安装程序库：{}"),
        (r"reading was interrupted", "读取被中断"),
        (r"the process that reads files does not start", "读取文件的进程无法启动"),
        (r"the folder cannot be listed: (.+)", "无法列出文件夹：{}"),
        (r"cannot be read: (.+)", "无法读取：{}"),
        (r"damaged: no readable PDF", "已损坏：不是可读的 PDF"),
        (r"damaged: a PDF without pages", "已损坏：PDF 没有页面"),
        (r"damaged: no readable zip .* \((.+)\)", "已损坏：不是可读的 ZIP 或 Office 文件（{}）"),
        (r"damaged: a part of the file is missing or broken", "已损坏：文件的一部分缺失或损坏"),
        (r"damaged: elements nested more than (.+) deep", "已损坏：元素嵌套超过 {} 层"),
        (r"damaged: nested too deep to be data", "已损坏：嵌套过深"),
        (r"damaged: line (\d+): (.+)", "已损坏：第 {} 行：{}"),
        (r"damaged: the reader failed with (.+)", "已损坏：读取程序出错（{}）"),
        (r"damaged: (.+)", "已损坏：{}"),
    ]
}  # fmt: skip
_NAMES: Final = {
    "zh": [
        (r"(?:a|an) (\S+) picture", "{} 图片"),
        (r"(?:a|an) (\S+) archive", "{} 压缩包"),
        (r"(?:a|an) (\S+) database", "{} 数据库"),
        (r"(?:a|an) (\S+) file", "{} 文件"),
        (r"a program", "程序"),
        (r"not JSON", "不是 JSON"),
        (r"Permission denied", "没有权限"),
    ]
}


def unread(reason: str, lang: str) -> str:
    """Return the reason why a file was not read."""
    parts = _parts(reason, _SENTENCES.get(lang, []))
    if parts is None:
        return reason
    sentence, names = parts
    return sentence.format(*(_named(name, lang) for name in names))


def _named(name: str, lang: str) -> str:
    """Return what stands in a reason: the kind of a file, the words of the system."""
    parts = _parts(name, _NAMES.get(lang, []))
    return parts[0].format(*parts[1]) if parts else name


def _parts(text: str, known: list[tuple[str, str]]) -> tuple[str, tuple[str, ...]] | None:
    """Return what a known text is in the other language, and what to put into it."""
    for pattern, other in known:
        if found := re.fullmatch(pattern, text):
            return other, found.groups()
    return None
