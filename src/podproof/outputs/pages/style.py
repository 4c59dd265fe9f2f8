"""The style that all pages share: what they look like in the light, in the dark, on a phone and on paper.

Meaning is never carried by a colour alone: whatever is coloured has a sign or a word, too.
"""

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--fg:#1b1f24;--soft:#57606a;--line:#d8dee4;--faint:#eaeef2;--back:#fff;
--panel:#f6f8fa;--bad:#a8200d;--badback:#fdeceA;--warn:#7d4e00;--warnback:#fff5d6;--good:#1a6b33;
--goodback:#e7f5ea;--note:#0b5394;--noteback:#e8f1fb;--l3:#1f7a8c;--l2:#b5800f;--l1:#b3261e;--l0:#8c959f}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--soft:#9aa4af;--line:#30363d;--faint:#21262d;
--back:#0d1117;--panel:#151b23;--bad:#ff9489;--badback:#3d1512;--warn:#f0c35b;--warnback:#352806;
--good:#6bd480;--goodback:#10301a;--note:#86bdff;--noteback:#10263f;--l3:#3aa3b8;--l2:#d9a93f;--l1:#e5645a;
--l0:#6e7681}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;margin:0 auto;max-width:78rem;
padding:1.5rem 1.25rem 4rem;color:var(--fg);background:var(--back);overflow-wrap:break-word}
h1,h2,h3,h4,p,dl,ul,pre{margin:0}
h1{font-size:1.65rem;line-height:1.25;letter-spacing:-.01em;margin:.2rem 0 .5rem;display:flex;gap:.7rem;
align-items:flex-start}
h1>span:last-child{min-width:0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.6rem 0 .7rem}
h3{font-size:1rem;display:inline;overflow-wrap:anywhere}
h4{font-size:.95rem;margin:1.1rem 0 .35rem;overflow-wrap:anywhere}
a{color:var(--note)}
a:focus-visible,button:focus-visible,summary:focus-visible,input:focus-visible{outline:2px solid var(--note);
outline-offset:2px}
code,pre,.mono{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.eyebrow{color:var(--soft);font-size:.85rem;letter-spacing:.02em}
.lead{font-size:1.02rem;max-width:60rem}
.soft,.place,footer{color:var(--soft)}
.place{font-size:.86rem;overflow-wrap:anywhere}
.sign{flex:none;display:inline-flex;align-items:center;justify-content:center;width:2.1rem;height:2.1rem;
border-radius:50%;font-size:1.15rem;font-weight:700;line-height:1}
.sign.bad,.chip.bad,.sign.error{background:var(--badback);color:var(--bad)}
.sign.warn,.chip.warn{background:var(--warnback);color:var(--warn)}
.sign.good,.chip.good{background:var(--goodback);color:var(--good)}
.chip{display:inline-block;border-radius:.35rem;padding:.05rem .45rem;background:var(--panel);
font-size:.84rem;max-width:100%;overflow-wrap:anywhere}
.chips{display:flex;flex-wrap:wrap;gap:.3rem .35rem;margin:.25rem 0 .5rem;padding:0;list-style:none}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.7rem 1.5rem;
margin:1.3rem 0 0;padding:.9rem 1.1rem;background:var(--panel);border-radius:.5rem}
.facts dt{color:var(--soft);font-size:.8rem}
.facts dd{margin:0;overflow-wrap:anywhere}.facts dd+dd{margin-top:.15rem}
.facts .wide{grid-column:1/-1}
nav.top{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:1.1rem 0 0;font-size:.92rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.34rem .6rem .34rem 0}
thead th{color:var(--soft);font-weight:500;font-size:.84rem}
tbody th{font-weight:600;overflow-wrap:anywhere}
details>summary{cursor:pointer}
footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);font-size:.86rem}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media screen and (max-width:48rem){body{padding:1rem .9rem 3rem}h1{font-size:1.3rem}
.facts{grid-template-columns:1fr 1fr;gap:.6rem 1rem;padding:.8rem}}
@media print{:root{--back:#fff;--fg:#000;--panel:#f4f5f7;--line:#bbb}
html{font-size:11px}body{font-size:1rem;line-height:1.35;max-width:none;padding:0}h1{font-size:1.7rem}
h2{margin-top:1.4rem;break-after:avoid}.facts{padding:.6rem .8rem}
h3,h4{break-after:avoid}nav,.screen{display:none!important}a{color:inherit;
text-decoration:none}thead{display:table-header-group}tr,li,.facts div{break-inside:avoid}
details::details-content{content-visibility:visible;display:block}summary{list-style:none}
.sign,.chip,.panel,.facts,.src,.fix,mark,rect,.bar,td{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:14mm 13mm}}
@media print and (prefers-color-scheme:dark){:root{--soft:#444;--bad:#a8200d;--badback:#fdecea;--warn:#7d4e00;
--warnback:#fff5d6;--good:#1a6b33;--goodback:#e7f5ea;--note:#0b5394;--noteback:#e8f1fb;--faint:#eaeef2;--l3:#1f7a8c;--l2:#b5800f;
--l1:#b3261e;--l0:#8c959f}}
""".strip()
