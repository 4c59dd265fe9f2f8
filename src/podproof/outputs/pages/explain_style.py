"""What the pages of `explain` and `prove` look like, beside what all pages share."""

__all__ = ["PICTURE", "STYLE"]

PICTURE = """
.picture{margin:1rem 0}
.picture svg{display:block;max-width:100%;height:auto}
.picture .narrow-only{display:none}
.picture text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
fill:var(--fg)}
.picture text.soft{fill:var(--soft)}.picture text.bad{fill:var(--bad);font-weight:600}
.picture text.name{font-weight:600}
.picture .outline{fill:none;stroke:var(--soft);stroke-dasharray:5 4}
.picture .box{fill:var(--panel);stroke:var(--line)}
.picture .box.node{fill:var(--badback);stroke:var(--bad)}
.picture .box.elsewhere{stroke:var(--soft);stroke-dasharray:3 3}
.picture .wire{fill:none;stroke:var(--note);stroke-width:1.5}
.picture .wire.r{stroke-dasharray:5 3}.picture .wire.unknown{stroke:var(--soft);stroke-dasharray:1.5 3}
.picture figcaption{font-size:.84rem;color:var(--soft);margin-top:.4rem}
@media screen and (max-width:48rem){.picture .wide-only{display:none}.picture .narrow-only{display:block}}
@media print{.picture{break-inside:avoid}.picture svg{width:62%}}
""".strip()

STYLE = f"""
{PICTURE}
.index{{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:1rem 0 0}}
details.fold{{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:.5rem .9rem}}
details.fold:first-of-type{{margin-top:1.5rem}}
.fold>summary .name{{font-weight:600;margin-right:.4rem;overflow-wrap:anywhere}}.fold h2{{margin-top:1.2rem}}
h3{{display:block;margin:1.8rem 0 .3rem;font-size:1.05rem}}h3 .mono{{font-weight:400}}
.object+.object{{border-top:1px solid var(--line);margin-top:2.5rem}}
ul.verdict{{background:var(--panel);border-radius:.4rem;margin:.5rem 0 .8rem;padding:.6rem 1rem .6rem 2rem}}
.verdict li{{overflow-wrap:anywhere}}.verdict li:last-child{{font-weight:600}}
.verdict li.bad{{color:var(--bad)}}.verdict li.warn{{color:var(--warn)}}.verdict li.good{{color:var(--good)}}
.refused{{color:var(--bad);font-weight:600;margin-top:.5rem}}
table.values{{table-layout:fixed}}
.values thead th:first-child{{width:15.5rem}}.values thead th:last-child{{width:42%}}
.values td{{overflow-wrap:break-word}}
.values td.bad{{color:var(--bad);font-weight:600}}.values td.warn,.values td.unknown{{color:var(--warn)}}
@media screen and (max-width:48rem){{
.values,.values tbody,.values tr,.values td,.values tbody th{{display:block}}
.values thead{{display:none}}.values tr{{border-bottom:1px solid var(--line);padding:.4rem 0}}
.values td,.values tbody th{{border:0;padding:.05rem 0;overflow-wrap:anywhere}}}}
@media print{{details.fold{{border:0;padding:0}}.fold>summary{{display:none}}
.object,.values tr{{break-inside:avoid-page}}.object h3,.object .chips{{break-after:avoid}}
.object h3{{margin-top:.7rem}}.object+.object{{margin-top:1rem}}
ul.verdict{{break-inside:avoid}}
ul.verdict{{font-size:.86em;line-height:1.25;margin:.2rem 0 .3rem;padding:.3rem .7rem .3rem 1.6rem}}
table.values{{font-size:.82em;line-height:1.2}}.values td,.values th{{padding:.1rem .5rem .1rem 0}}
.values thead th{{font-size:1em}}.values thead th:first-child{{width:13.6rem}}
.values thead th:last-child{{width:36%}}}}
""".strip()
