"""Every word the chat itself says, in English and Chinese; the browser's locale decides."""

from __future__ import annotations

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "page_title": "Ask the documents",
        "intro": "Answers come word for word from {documents}.",
        "one_document": "1 document",
        "many_documents": "{n} documents",
        "one_passage": "1 passage",
        "many_passages": "{n} passages",
        "one_character": "1 character",
        "many_characters": "{n} characters",
        "ask_placeholder": "Ask about the documents",
        "question": "Question",
        "conversation": "Conversation",
        "new": "New conversation",
        "sources": "Sources",
        "documents": "Documents",
        "search_in": "Search in",
        "all": "All",
        "none": "None",
        "skipped": "Not read",
        "changed": "changed {date}",
        "scope": "Searching {n} of {total} documents",
        "no_scope": "No document is ticked. Tick at least one under Documents.",
        "failed": "The answer could not be made. The server's log says why; please ask again.",
        "nearest": "Nearest passages, which do not answer the question:",
        "try": "The documents do answer:",
        "copy_answer": "Copy answer",
        "copy_quote": "Copy quote",
        "copied": "Copied",
        "not_copied": "The browser did not allow copying",
        "back": "Sources",
        "close": "Close",
        "line": "line {n}",
        "page": "page {n}",
        "cited": "Cited",
        "near_heading": "Nearest passages",
        "also_found": "Also found",
        "no_sources": "Ask a question. The passages that its answer rests on appear here.",
        "stale": "This source has changed since the answer was given. Ask again.",
        "missing": "This source is no longer in the index.",
        "offline": "The server does not answer. Is it still running?",
        "too_long": "{n} of 4,000 characters",
        "cut_before": "Text before this is not shown.",
        "cut_after": "Text after this is not shown.",
        "banner": "The folder differs from the index: {changes}. Run rag build.",
        "files_added": "{n} added",
        "files_changed": "{n} changed",
        "files_removed": "{n} removed",
        "citation": "Citation {n}",
        "show_passages": "Show passages",
    },
    "zh": {
        "page_title": "向文档提问",
        "intro": "答案逐字取自{documents}。",
        "one_document": "1 个文档",
        "many_documents": "{n} 个文档",
        "one_passage": "1 个段落",
        "many_passages": "{n} 个段落",
        "one_character": "1 个字符",
        "many_characters": "{n} 个字符",
        "ask_placeholder": "就文档内容提问",
        "question": "问题",
        "conversation": "对话",
        "new": "新对话",
        "sources": "来源",
        "documents": "文档",
        "search_in": "检索范围",
        "all": "全选",
        "none": "全不选",
        "skipped": "未读取",
        "changed": "修改于 {date}",
        "scope": "正在检索 {total} 个文档中的 {n} 个",
        "no_scope": "未勾选任何文档。请在“文档”中至少勾选一个。",
        "failed": "未能得出答案，原因见服务器日志；请重新提问。",
        "nearest": "最接近的段落（并未回答该问题）：",
        "try": "文档可以回答：",
        "copy_answer": "复制答案",
        "copy_quote": "复制引文",
        "copied": "已复制",
        "not_copied": "浏览器不允许复制",
        "back": "来源",
        "close": "关闭",
        "line": "第 {n} 行",
        "page": "第 {n} 页",
        "cited": "引用",
        "near_heading": "最接近的段落",
        "also_found": "另外找到",
        "no_sources": "请提问。答案所依据的段落将显示在这里。",
        "stale": "此来源在作答之后已更改，请重新提问。",
        "missing": "此来源已不在索引中。",
        "offline": "服务器没有响应。它还在运行吗？",
        "too_long": "{n} / 4,000 个字符",
        "cut_before": "此前的文字未显示。",
        "cut_after": "此后的文字未显示。",
        "banner": "文件夹与索引不一致：{changes}。请运行 rag build。",
        "files_added": "新增 {n}",
        "files_changed": "更改 {n}",
        "files_removed": "删除 {n}",
        "citation": "引用 {n}",
        "show_passages": "显示段落",
    },
}


def language(accepted: str) -> str:
    """Return ``zh`` when an Accept-Language header prefers Chinese, ``en`` otherwise."""
    first = accepted.split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def label(lang: str, key: str, **values: object) -> str:
    """Return one label with its values filled in."""
    return LABELS[lang][key].format(**values)


def counted(lang: str, what: str, count: int) -> str:
    """Return ``1 document`` or ``3 documents``; ``what`` is the singular English noun."""
    return label(lang, f"one_{what}" if count == 1 else f"many_{what}s", n=f"{count:,}")
