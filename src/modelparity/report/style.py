"""The look of the HTML page and its one script: the filter box. Nothing is loaded from anywhere."""

from __future__ import annotations

CSS = """
:root{color-scheme:light dark;--ink:#1c1e21;--soft:#5b6169;--paper:#fff;--line:#d9dce1;--band:#f4f5f7;
--good:#1a7f37;--note:#8a5a00;--bad:#c3212b;--b0:#2563eb;--b1:#c2410c;--b2:#0f766e;--b3:#7c3aed}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a2a9b4;--paper:#16181c;--line:#363b44;--band:#1f2329;
--good:#4ac26b;--note:#e0b050;--bad:#ff7b72;--b0:#79a8ff;--b1:#ff9e64;--b2:#5fd4c4;--b3:#c4a5ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:74rem;padding:2rem 1.25rem 4rem;font:15px/1.5 system-ui,sans-serif;
color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.25rem 0 .6rem}
h3{font-size:1rem;margin:1.2rem 0 .4rem}p{margin:.35rem 0}h3,p,li{overflow-wrap:anywhere}.soft{color:var(--soft)}
.wide{overflow-x:auto}
.counts{display:flex;gap:1.5rem;flex-wrap:wrap;padding:0;list-style:none;font-size:1.05rem}
.counts b{font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;padding:.35rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{background:var(--band);font-weight:600}
td.number,th.number{text-align:right}tbody th{font-weight:400}
@media (max-width:62rem){td,thead th{white-space:nowrap}td.place{white-space:normal;min-width:9rem}
tbody th{min-width:9rem}}
.passed,.exact,.rounding{color:var(--good)}.reduced,.skipped,.unjudged,.known{color:var(--note)}
.failed,.wrong{color:var(--bad);font-weight:600}
pre{background:var(--band);padding:.8rem 1rem;border-left:3px solid var(--bad);overflow-x:auto;font-size:13px}
label{font-weight:600}.filter{display:flex;gap:.3rem .7rem;flex-wrap:wrap;align-items:center}
input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:5px;
padding:.35rem .6rem;flex:0 1 26rem;min-width:12rem}
input:focus-visible{outline:2px solid var(--b0);outline-offset:1px}
svg text{font:11px system-ui,sans-serif;fill:var(--ink)}svg .tick{fill:var(--soft)}
svg .grid,svg .row{stroke:var(--line);stroke-width:1}svg .row{stroke-dasharray:1 4}
svg line.limit{stroke:var(--bad);stroke-width:1.5}svg text.limit{fill:var(--bad)}
.mark{fill:none;stroke-width:1.6}.b0{stroke:var(--b0)}.b1{stroke:var(--b1)}.b2{stroke:var(--b2)}.b3{stroke:var(--b3)}
.mark.bad{fill:var(--bad);stroke:var(--bad)}
svg.floors{display:block;width:100%}
.legend{display:flex;gap:.3rem 1.2rem;flex-wrap:wrap;list-style:none;padding:0;margin:.4rem 0}
.key{width:13px;height:13px;margin-right:.4rem;vertical-align:-2px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}dd{margin:0}
"""

SCRIPT = """
const box=document.getElementById('filter'),rows=[...document.querySelectorAll('#cases tbody tr')],
said=document.getElementById('shown');
box.addEventListener('input',()=>{const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const row of rows){const text=row.textContent.toLowerCase();
row.hidden=!words.every(w=>text.includes(w));n+=!row.hidden}
said.textContent=n+' of '+rows.length+' cases shown'});
"""
