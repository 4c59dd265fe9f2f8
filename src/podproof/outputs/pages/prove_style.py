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
.proved.fields thead th:nth-child(4){width:34%}.proved.attacks thead th:nth-child(4){width:38%}
.proved td{overflow-wrap:anywhere}.proved tbody th{overflow-wrap:break-word}
.proved td.mark{overflow-wrap:break-word;color:var(--soft)}
.proved tr.good td.mark{color:var(--good)}
.proved tr.bad td.mark,.proved tr.bad th,.proved td.danger{color:var(--bad);font-weight:600}
.proved tr.bad{background:var(--badback)}
@media screen and (max-width:48rem){
.proved,.proved tbody,.proved tr,.proved td,.proved tbody th{display:block;width:auto!important}
.proved thead{display:none}.proved tr{border-bottom:1px solid var(--line);padding:.4rem 0}
.proved td,.proved tbody th{border:0;padding:.05rem 0;overflow-wrap:anywhere}
.proved td:nth-child(2)::before{content:"predicted ";color:var(--soft)}
.proved td:nth-child(3)::before{content:"observed ";color:var(--soft)}
.claim{padding-left:.7rem}}
@media print{.claim{break-inside:avoid}.proved th:first-child{width:11rem}
.proved th.mark,.proved td.mark{width:8.5rem}}
""".strip()
