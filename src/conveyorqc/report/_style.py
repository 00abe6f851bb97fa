"""The style of every page: one sheet, light and dark, screen and paper.

The series colours are Okabe and Ito's, which people with colour-blindness can tell apart
(https://jfly.uni-koeln.de/color/), lightened for the dark page.
"""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root {
  --paper: #f4f5f3; --card: #ffffff; --ink: #1d2421; --soft: #5d6863; --line: #e2e6e3; --accent: #00664f;
  --good: #00664f; --good-bg: #dcf2ea; --bad: #a33c00; --bad-bg: #fde8dc; --warn: #755700; --warn-bg: #fbf0cf;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #56b4e9; --c5: #e69f00;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #121614; --card: #1b211e; --ink: #e8ece9; --soft: #9ca8a2; --line: #303834; --accent: #5fd0ac;
  --good: #6fdcb9; --good-bg: #12382c; --bad: #ffa372; --bad-bg: #43230f; --warn: #f2cc62; --warn-bg: #3a2f0c;
  --c0: #4fb0ea; --c1: #ff8d45; --c2: #3fcfa2; --c3: #e59cc3; --c4: #9ad7fb; --c5: #f5c04a;
} }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1072px; padding: 40px 24px 48px; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
header { margin: 0 4px 28px; }
h1 { margin: 0; font-size: 32px; line-height: 1.2; letter-spacing: -0.015em; text-wrap: balance; }
h2 { margin: 0 0 12px; font-size: 18px; line-height: 1.3; letter-spacing: -0.005em; }
p { margin: 0 0 12px; max-width: 72ch; }
p:last-child { margin-bottom: 0; }
.summary { margin-top: 10px; color: var(--soft); font-size: 18px; }
main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; }
section { grid-column: span 2; min-width: 0; }
.half { grid-column: span 1; }
.card { padding: 22px 26px 24px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.note, .caption, .detail, .label { color: var(--soft); font-size: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 18px; }
.tile {
  padding: 16px 20px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  border-top: 4px solid var(--line);
}
.tile p { margin: 0; }
.tile .value { margin: 2px 0; font-size: 34px; font-weight: 650; line-height: 1.2; letter-spacing: -0.02em; }
.tile.good { border-top-color: var(--c2); } .tile.good .value { color: var(--good); }
.tile.bad { border-top-color: var(--c1); } .tile.bad .value { color: var(--bad); }
.tile.warn { border-top-color: var(--c5); } .tile.warn .value { color: var(--warn); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 15px; }
th {
  padding: 0 24px 8px 0; border-bottom: 2px solid var(--line); color: var(--soft); font-size: 13px;
  font-weight: 600; text-align: left; vertical-align: bottom;
}
td { padding: 7px 24px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll + .note { margin-top: 12px; }
.badge {
  display: inline-block; padding: 1px 10px; border-radius: 999px; background: var(--line); font-size: 13px;
  font-weight: 600; white-space: nowrap;
}
.badge.good { background: var(--good-bg); color: var(--good); }
.badge.bad { background: var(--bad-bg); color: var(--bad); }
.badge.warn { background: var(--warn-bg); color: var(--warn); }
figure { margin: 0; }
.pictures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(var(--picture), 100%), 1fr)); gap: 14px;
}
.pictures img { display: block; width: 100%; height: auto; border-radius: 8px; background: var(--line); }
.pictures .bad img { box-shadow: 0 0 0 3px var(--c1); }
.pictures .good img { box-shadow: 0 0 0 3px var(--c2); }
.pictures .warn img { box-shadow: 0 0 0 3px var(--c5); }
.caption { margin-top: 7px; font-size: 13px; line-height: 1.35; overflow-wrap: anywhere; }
.chart { display: block; max-width: 100%; height: auto; margin: 0 auto; overflow: visible; font-size: 13px; }
.card:not(.half) .chart { min-width: 640px; }
.chart text { fill: var(--ink); } .chart .tick, .chart .name { fill: var(--soft); }
.chart .tick, .chart .note { font-variant-numeric: tabular-nums; }
.chart .note { font-weight: 600; }
.chart .rule { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
.chart .mark { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.chart .whisker { stroke: var(--c0); stroke-width: 4; stroke-linecap: round; opacity: 0.4; }
.chart .reference { fill: var(--card); stroke: var(--c1); stroke-width: 2.5; }
.curve { fill: none; stroke-width: 2.25; stroke-linejoin: round; }
.curve.dashed { stroke-dasharray: 6 5; stroke-width: 1.75; }
.column { opacity: 0.62; }
.s0 { fill: var(--c0); } .s1 { fill: var(--c1); } .s2 { fill: var(--c2); }
.s3 { fill: var(--c3); } .s4 { fill: var(--c4); } .s5 { fill: var(--c5); }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
footer { margin: 28px 4px 0; color: var(--soft); font-size: 13px; }
footer dl { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 0; }
footer dt { display: inline; } footer dt::after { content: ":"; }
footer dd { display: inline; margin: 0 0 0 6px; color: var(--ink); overflow-wrap: anywhere; }
@media (max-width: 760px) { .half { grid-column: span 2; } body { padding: 24px 14px; } .card { padding: 18px 16px; } }
@media print {
  :root { --paper: #ffffff; } body { max-width: none; padding: 0; }
  .card, .tile, figure, tr { break-inside: avoid; }
}
"""
