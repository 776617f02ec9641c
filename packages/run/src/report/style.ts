// The style of the report: one column that fits a phone, light and dark by the reader's setting, no web fonts.

/**
 * CSS of the page, without any character that HTML escapes. Series colours are after Okabe and Ito, adjusted to keep a contrast of at
 * least 3:1 with the background in light and in dark.
 */
export const style = `
:root{color-scheme:light dark;--bg:#fdfdfb;--card:#fff;--fg:#1d2420;--soft:#5d6862;--rule:#dfe4e0;--accent:#1b6b4a;--empty:#e9ecea;--teacher:#1d2420;--s0:#0072b2;--s1:#c45500;--s2:#00855f;--s3:#a5468a;--s4:#7a6a00;--cut:#b9c1bc}
@media (prefers-color-scheme:dark){
  :root{--bg:#141816;--card:#1b211e;--fg:#e6ebe8;--soft:#9faba5;--rule:#313a35;--accent:#6fcf9f;--empty:#262d29;--teacher:#e6ebe8;--s0:#56b4e9;--s1:#f0a04b;--s2:#2fc495;--s3:#dc8fc4;--s4:#d9c94f;--cut:#4d5852}
}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,DejaVu Sans,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1240px;margin:0 auto;padding:28px 20px 56px}
h1{font-size:1.65rem;line-height:1.2;margin:0 0 2px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:0 0 10px}
h3{font-size:.95rem;margin:16px 0 6px}
h3 small,.sub{color:var(--soft);font-weight:400}
.sub{margin:0 0 18px;font-size:.9rem}
section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:18px 18px 14px;margin-top:18px}
.verdict{font-size:1.2rem;line-height:1.35;max-width:44em;margin:0 0 6px;text-wrap:balance}
.said{max-width:56em;margin:0 0 16px}
.chain{list-style:none;display:flex;flex-wrap:wrap;gap:6px 0;margin:0 0 16px;padding:0;font-size:.9rem}
.chain i{color:var(--soft);margin:0 10px}
.hash{overflow-wrap:anywhere}
.note code{background:var(--card);border:1px solid var(--rule);border-radius:5px;padding:1px 5px;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 14px}
.tiles b{display:block;font-size:1.6rem;line-height:1.15;font-variant-numeric:tabular-nums;color:var(--accent)}
.tiles small{font-size:.6em;font-weight:500}
.tiles span{color:var(--soft);font-size:.85rem}
.warn{border-left:4px solid var(--s1);padding:6px 12px;margin:14px 0 0;background:var(--card)}
.warn p{margin:4px 0}
.scroll{overflow-x:auto;margin:0 -18px;padding:0 18px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px 7px 0;text-align:left;border-bottom:1px solid var(--rule);vertical-align:middle;white-space:nowrap}
thead th{color:var(--soft);font-weight:500;font-size:.8rem;vertical-align:bottom;white-space:normal}
tbody th{font-weight:500}
tfoot th,tfoot td{border-bottom:0;font-weight:600}
.n{text-align:right}
th.n{text-align:right}
.stages{white-space:normal;color:var(--soft);min-width:14em}
.bar{display:block;height:3px;border-radius:2px;background:var(--accent);opacity:.55;margin:2px 0 0 auto}
.cloze svg{vertical-align:middle;margin-right:8px}
small{color:var(--soft);font-size:.82em}
.note,figcaption{color:var(--soft);font-size:.85rem;margin:8px 0 0;max-width:60em}
figcaption b{color:var(--fg)}
figure{margin:0;min-width:0}
svg{display:block;max-width:100%}
figure svg{width:100%;max-width:44rem;height:auto}
.cloze svg{display:inline-block;max-width:none}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr));gap:22px}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:22px;align-items:start}
.minis{display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:12px}
.minis.wide{grid-template-columns:minmax(0,1fr)}
.axes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:6px 26px}
.minis figcaption{margin:2px 0 0;font-size:.75rem}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;margin:0 0 4px;font-size:.85rem}
.swatch{display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:8px;background:var(--c);border:2px solid var(--c)}
.swatch.open{background:transparent}
.dash{display:inline-block;width:16px;margin-right:8px;vertical-align:middle;border-top:2px dashed var(--c)}
.answer{background:color-mix(in srgb,var(--accent) 9%,transparent)}
.answer th{font-weight:700}
.point{outline:none;cursor:default}
.tip{opacity:0;pointer-events:none}
.point:hover .tip,.point:focus .tip{opacity:1}
.point:focus-visible .dot,.point:focus-visible .hollow{stroke:var(--fg);stroke-width:3}
.reading{fill:transparent}
.teacher{--c:var(--teacher)}
.s0{--c:var(--s0)}
.s1{--c:var(--s1)}
.s2{--c:var(--s2)}
.s3{--c:var(--s3)}
.s4{--c:var(--s4)}
svg text{font-size:11px;paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round;fill:var(--soft);font-variant-numeric:tabular-nums}
svg text.small{font-size:9.5px}
svg .name,svg .value,svg .tip{fill:var(--fg)}
svg .note{fill:var(--c)}
.end{text-anchor:end}
.mid{text-anchor:middle}
.start{text-anchor:start}
.grid{stroke:var(--rule)}
.axis{stroke:var(--soft)}
.line{stroke:var(--c);stroke-width:2;fill:none;stroke-linejoin:round}
.band{fill:var(--c);opacity:.14}
.level{stroke:var(--c,var(--soft));stroke-width:1.5;stroke-dasharray:5 4;fill:none}
.chance{stroke:var(--soft);stroke-dasharray:2 2}
.dot{fill:var(--c);stroke:var(--card);stroke-width:1}
.hollow{fill:var(--card);stroke:var(--c);stroke-width:2}
.kept{fill:var(--accent)}
.cut{fill:var(--cut)}
.none{fill:var(--empty)}
.cutline{stroke:var(--s1);stroke-width:1.5;stroke-dasharray:3 2}
.gone{fill:none;stroke:var(--soft);stroke-dasharray:3 3;stroke-width:.8}
.sample{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));gap:14px;border-bottom:1px solid var(--rule);padding-bottom:12px;margin-bottom:10px}
.sample p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-family:Georgia,DejaVu Serif,serif;font-size:.95rem}
.sample h3{margin-top:4px}
dl{display:grid;grid-template-columns:minmax(7em,auto) 1fr;gap:4px 14px;font-size:.88rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,DejaVu Sans Mono,monospace;font-size:.86em}
pre{overflow-x:auto;background:var(--bg);padding:12px;border-radius:8px;border:1px solid var(--rule)}
summary{cursor:pointer;margin-top:12px;color:var(--accent)}
footer{color:var(--soft);font-size:.82rem;margin-top:22px}
@media (min-width:561px) and (max-width:1280px){.cloze svg{width:84px;height:auto}}
@media (max-width:560px){
  main{padding:18px 12px 40px}
  section{padding:14px 12px 12px;border-radius:8px}
  .scroll{margin:0 -12px;padding:0 12px}
  .tiles{grid-template-columns:1fr 1fr}
  dl{grid-template-columns:1fr}
  dd{margin-bottom:6px}
  .reflow thead{display:none}
  .reflow tr{display:grid;grid-template-columns:1fr 1fr;gap:0 14px;border-bottom:1px solid var(--rule);padding:8px 6px}
  .reflow th,.reflow td{display:flex;flex-wrap:wrap;justify-content:space-between;border:0;padding:3px 0;white-space:normal;text-align:left}
  .reflow th,.reflow .cloze,.reflow .stages{grid-column:1/-1;justify-content:flex-start;gap:0 10px;align-items:center}
  .reflow th{gap:0}
  .reflow td{justify-content:flex-end;gap:0 4px}
  .reflow td::before{content:attr(data-label);color:var(--soft);font-size:.85em;margin-right:auto}
  .reflow .cloze::before,.reflow .stages::before{margin-right:0}
  .reflow .bar,.reflow .none-here{display:none}
  .list th{white-space:normal}
  .list th,.list td{padding-right:8px}
}
@media print{
  :root{--bg:#fff;--card:#fff;--fg:#000;--soft:#444;--rule:#bbb;--accent:#1b6b4a;--empty:#e9ecea;--teacher:#000;--s0:#0072b2;--s1:#c45500;--s2:#00855f;--s3:#a5468a;--s4:#7a6a00;--cut:#b9c1bc}
  @page{margin:12mm}
  body{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
  main{max-width:none;padding:0}
  section{border:0;border-top:1px solid var(--rule);border-radius:0;padding:10px 0;margin-top:10px}
  table{font-size:8pt}
  th,td{padding:4px 6px 4px 0}
  .cloze svg{display:none}
  .scroll{overflow:visible;margin:0;padding:0}
  figure,tr,.sample,.tiles div{break-inside:avoid}
  h2,h3{break-after:avoid}
}
`;
