"""What the page of `prove` looks like, beside what all pages share."""

__all__ = ["STYLE"]

STYLE = """
h3{display:block;margin:1.6rem 0 .3rem;font-size:1.02rem}h3 .mono{font-weight:400}
.claim{border-left:3px solid var(--line);padding-left:1rem;margin:1.1rem 0}
.claim h3{margin-top:.4rem}
blockquote{margin:.3rem 0;font-style:italic}
.shown,.problems{list-style:none;padding:0;margin:.3rem 0}
.shown .good strong{color:var(--good)}.bad>strong,.problems{color:var(--bad)}
.shown li,.problems li{overflow-wrap:anywhere}
table.proved{table-layout:fixed;margin:.4rem 0 1rem}
.proved th:first-child{width:11.5rem}.proved th.mark,.proved td.mark{width:9.5rem}
.proved.fields thead th:nth-child(4){width:34%}.proved.attacks thead th:nth-child(4){width:34%}
.proved.attacks thead th:nth-child(3){width:14%}
.proved td{overflow-wrap:anywhere}.proved tbody th{overflow-wrap:break-word}
.proved td.mark{overflow-wrap:break-word;color:var(--soft)}
.proved tr.good td.mark{color:var(--good)}
.proved tr.bad td.mark,.proved tr.bad th,.proved td.danger{color:var(--bad);font-weight:600}
.proved tr.bad{background:var(--badback)}
@media screen and (max-width:48rem){
.proved,.proved tbody,.proved tr,.proved td,.proved tbody th{display:block;width:auto!important}
.proved thead{display:none}.proved tr{border-bottom:1px solid var(--line);padding:.4rem 0}
.proved td,.proved tbody th{border:0;padding:.05rem 0;overflow-wrap:anywhere}
.proved td::before{color:var(--soft);font-weight:400}
.proved td.predicted::before{content:"predicted "}.proved td.observed::before{content:"observed "}
.proved td.same::before{content:"predicted and observed "}
.claim{padding-left:.7rem}}
@media print{.claim,.proved tr{break-inside:avoid}h3{margin-top:.8rem}
table.proved{font-size:.8em;line-height:1.2;margin:.2rem 0 .5rem}
.proved td,.proved th{padding:.1rem .5rem .1rem 0}.proved thead th{font-size:1em}
.proved th:first-child{width:13rem}.proved th.mark,.proved td.mark{width:7.5rem}}
""".strip()
