"""What the page of `check` looks like, beside what all pages share."""

__all__ = ["STYLE"]

STYLE = """
.level{white-space:nowrap;font-size:.86rem}
.level .dots{letter-spacing:.06em;font-size:.8em}
.level.restricted .dots{color:var(--l3)}.level.baseline .dots{color:var(--l2)}
.level.privileged .dots{color:var(--l1)}.level.undecided{color:var(--soft)}
table.bars{margin:.2rem 0 1rem}table.bars th[scope=row]{font-weight:500;width:30%}
table.bars .bar{width:45%}table.bars .num{text-align:right;font-variant-numeric:tabular-nums;width:1%;
white-space:nowrap;padding-left:1rem}
.narrow{display:none}
svg.levels{display:block;width:100%;height:.8rem;margin-top:.35rem;border-radius:.2rem}
rect.restricted{fill:var(--l3)}rect.baseline{fill:var(--l2)}rect.privileged{fill:var(--l1)}
rect.undecided{fill:var(--l0)}
.tools{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center;margin:.2rem 0 .6rem;font-size:.92rem}
.tools fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem .9rem}
.tools label{white-space:nowrap}.tools [hidden]{display:none}
.tools input[type=search],.tools select{font:inherit;color:inherit;background:var(--back);
border:1px solid var(--line);border-radius:.35rem;padding:.2rem .5rem;max-width:100%}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.84rem;color:var(--soft);margin-bottom:.4rem}
.cell{display:inline-block;width:1.35rem;text-align:center;border-radius:.25rem;font-weight:700}
.matrix td.e,.cell.e{color:var(--bad);background:var(--badback)}
.matrix td.w,.cell.w{color:var(--warn);background:var(--warnback)}
.matrix td.n,.cell.n{color:var(--note);background:var(--noteback)}
.matrix td.k,.cell.k{color:var(--good);font-weight:400}
.matrix td.a,.cell.a,.matrix td.h,.cell.h{color:var(--soft)}
.matrix td{text-align:center;padding:.34rem 0;border-left:1px solid var(--faint);font-weight:700}
.matrix td:nth-child(2){text-align:left;font-weight:400;border:0;border-bottom:1px solid var(--line);
padding-right:.6rem}
.matrix td i{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.matrix tbody th{font-weight:600}.matrix tbody th .place{display:block;font-weight:400}
.matrix tbody th a{color:inherit;text-decoration-color:var(--line);text-underline-offset:.2em}
.matrix tbody tr:hover{background:var(--panel)}
.matrix thead th{vertical-align:bottom}
.matrix th.c{width:1.7rem;padding:.4rem 0;border-left:1px solid var(--faint)}
.matrix th.c span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;font-size:.8rem;
line-height:1.65rem}
.matrix th.general{color:var(--fg)}
.none[hidden]{display:none}
body:has(#show-e:checked) .matrix tbody tr:not(.e),body:has(#show-w:checked) .matrix tbody tr:not(.w),
body:has(#show-k:checked) .matrix tbody tr:not(.k){display:none}
.matrix tr[hidden],details[hidden]{display:none}
details.w{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;scroll-margin-top:.6rem}
details.w:target{border-color:var(--note)}
details.w>summary{padding:.55rem .9rem;list-style-position:inside}
details.w>summary>*{margin-right:.5rem}
details.w>summary>.place{display:block;margin:0 0 0 1.05rem}
details.w>.body{padding:0 .9rem .8rem;border-top:1px solid var(--faint)}
.count{font-size:.84rem;white-space:nowrap}.count.error{color:var(--bad)}.count.warning{color:var(--warn)}
.count.note{color:var(--soft)}.count.ok{color:var(--good)}
.verdict{margin:.7rem 0 0;color:var(--soft);font-size:.92rem}
.findings{list-style:none;padding:0;margin:.2rem 0 .4rem}
.findings li{padding:.16rem 0 .16rem 5.2rem;position:relative}
.findings .sev{position:absolute;left:0;font-size:.84rem;font-weight:600;line-height:1.6rem}
.findings .error>.sev{color:var(--bad)}.findings .warning>.sev{color:var(--warn)}
.findings .note>.sev,.findings .accepted>.sev{color:var(--soft);font-weight:400}
.findings code{color:var(--soft);margin-right:.35rem}
.findings .at{color:var(--soft);font-size:.84rem;white-space:nowrap}
.findings .help{color:var(--soft);font-size:.9rem}
.findings.advice,.findings.advice .msg{font-size:.93rem}
.accepted .msg{text-decoration:line-through;text-decoration-color:var(--soft)}
.pair{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 .9rem;align-items:start}
.src,.fix{background:var(--panel);border-radius:.4rem;padding:.5rem .7rem;margin:.4rem 0 .5rem}
.src div{display:grid;grid-template-columns:2.9rem minmax(0,1fr)}
.src b{font:.8em/1.75 ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--soft);font-weight:400;
text-align:right;padding-right:.8rem;user-select:none}
.src code{white-space:pre-wrap;overflow-wrap:anywhere}
.src em{font-style:normal}.src p{font-size:.84rem;color:var(--soft)}
.src em.error,.src em.also{color:var(--bad)}.src em.warning{color:var(--warn)}.src em.note{color:var(--note)}
mark{background:none;color:inherit;text-decoration:underline 2px;text-underline-offset:.22em;
border-radius:.15rem}
mark.error{text-decoration-color:var(--bad);background:var(--badback)}
mark.warning{text-decoration-style:dashed;text-decoration-color:var(--warn);background:var(--warnback)}
mark.note,mark.also{text-decoration-style:dotted;text-decoration-color:var(--note);
background:var(--noteback)}
h5{margin:0 0 .2rem;font-size:.84rem;font-weight:600}
.fix p{font-size:.86rem}.fix pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.1rem 0 .4rem}
.plain{padding-left:1.1rem}.plain li{padding:.1rem 0;overflow-wrap:anywhere}
.checks{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1.2rem;margin-top:.5rem}
.checks dt,.checks dd{margin:0}
@media screen and (max-width:48rem){
table.bars,table.bars tbody,table.bars tr,table.bars th,table.bars td{display:block;width:auto!important}
table.bars thead{display:none}table.bars td,table.bars th{border:0;padding:.1rem 0}
table.bars tr{border-bottom:1px solid var(--line);padding:.4rem 0}
table.bars td.num{display:inline-block;padding:0 1rem 0 0}.narrow{display:inline;color:var(--soft)}
.matrix,.matrix tbody,.matrix tr,.matrix th{display:block}.matrix thead{display:none}
.matrix tr{border-bottom:1px solid var(--line);padding:.5rem 0}.matrix tbody th{border:0;padding:0}
.matrix td{display:inline-block;border:0;padding:.02rem .4rem;margin:.12rem .25rem .12rem 0;
border-radius:.3rem;font-size:.84rem}
.matrix td:nth-child(2){border:0;padding-left:0}
.matrix td.k,.matrix td.h{display:none}
.matrix td i{position:static;width:auto;height:auto;clip-path:none;font-style:normal;font-weight:400;
padding-left:.3rem}
.pair{grid-template-columns:minmax(0,1fr)}
.findings li{padding-left:0}.findings .sev{position:static;margin-right:.4rem}
.findings .msg{overflow-wrap:anywhere}
.checks{grid-template-columns:minmax(0,1fr)}.checks dd{margin-bottom:.4rem}
details.w>summary{padding:.5rem .6rem}details.w>.body{padding:0 .6rem .6rem}
.src div{grid-template-columns:2rem minmax(0,1fr)}.src b{padding-right:.5rem}}
@media print{details.w{break-inside:avoid;border:0;border-top:1.5pt solid var(--line);border-radius:0;
margin:.6rem 0}details.w>summary,details.w>.body{padding-left:0;padding-right:0}
details.w>.body{border:0}
.findings li{padding:.05rem 0 .05rem 5.6rem}.findings .sev{line-height:1.35rem}
.pair,.src,.fix,.findings li{break-inside:avoid}
.src,.fix{padding:.3rem .5rem;margin:.2rem 0 .3rem}.chips{margin:.1rem 0 .2rem}
details.w>summary{break-after:avoid}details.w>summary>.place{margin-left:0}
.matrix th.c{width:1.5rem}.matrix td,.matrix th{padding-top:.15rem;padding-bottom:.15rem}table.bars td,
table.bars th{padding:.1rem .6rem .1rem 0}}
""".strip()
