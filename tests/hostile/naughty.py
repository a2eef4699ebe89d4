"""Strings that ask for trouble, by the kind of trouble: beside `payloads.PAYLOADS`, which fill a whole estate."""

from __future__ import annotations

NAUGHTY: dict[str, tuple[str, ...]] = {
    "markup": (
        "<img src=x onerror=window.HIT=1>",
        "<svg><animate onbegin=window.HIT=1 attributeName=x dur=1s>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=window.HIT=1>",
        "<details open ontoggle=window.HIT=1>",
        "<input autofocus onfocus=window.HIT=1>",
        "<iframe srcdoc='<script>parent.HIT=1</script>'>",
        "<base href=https://evil.example/>",
        "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
        "<link rel=stylesheet href=https://evil.example/x.css>",
        "<a href=https://evil.example/ ping=https://evil.example/>x</a>",
    ),
    "end of script": ("</script><script>window.HIT=1</script>", "<!--<script>", "-->", "]]>", "</style><script>window.HIT=1</script>", "</title><script>window.HIT=1</script>", "</textarea>"),
    "script": ("${window.HIT=1}", "`;window.HIT=1;`", "\\`${window.HIT=1}", "';window.HIT=1;'", '";window.HIT=1;"', "\\", "\u2028window.HIT=1\u2029", "javascript:window.HIT=1", "data:text/html,<script>1</script>"),
    "template": ("{{7*191}}", "{% set x = 7*191 %}{{x}}", "{#", "{{ ''.__class__.__mro__ }}", "<%= 7*191 %>", "#{7*191}", "[[7*191]]", "{{constructor.constructor('window.HIT=1')()}}", "%(x)s {0} %s %n"),
    "style": ("red;background:url(https://evil.example/a)", "url(https://evil.example/b)", "@import 'https://evil.example/c'", "expression(window.HIT=1)", '"} @page { content: url(https://evil.example/d) } "', "\\22 }", "#000000;"),
    "names of things": ("__proto__", "constructor", "hasOwnProperty", "ap-data", "ap-key", "L", "assetplan", "HIT", "toString", "length"),
    "spreadsheet": ("=1+1", "+1+1|cmd", "@SUM(A1)", "-2+3", "\t=1+1", "＝1+1", '=HYPERLINK("https://evil.example")', "'=1"),
    "direction and the unseen": ("abc\u202etxt.exe", "a\u200bb", "\ufeffx", "x\x00y", "x\x1b[31my", "\u2066ltr\u2069", "e" + "\u0301" * 40, "\U0001f469\u200d\U0001f680", "\U000e0041"),
    "scripts of the world": ("مدرسة", "בית ספר", "学校", "Ysgol Gynradd Dŵr", "Şkola Ağ", "ﷺ", "Ω≈ç√", "раураl"),
    "looks like something else": ("1e309", "NaN", "-0", "0x1F", "Infinity", "١٢٣", "NULL", "None", "undefined", "true", "N/A", "#REF!", "1/2", "../../etc/passwd", "CON", "C:\\x", "file:///etc/passwd", "%2e%2e%2f", "&lt;b&gt;", "&#60;", "' OR 1=1 --"),
    "length": ("long " * 2_000, "x" * 9_999),
}  # fmt: skip
