import { Html } from './html-text.ts';

/** How a page looks: light and dark, on a phone and on paper. Nothing is told by colour alone. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --page: #ffffff; --box: #f6f8fa; --line: #d0d7de; --text: #1f2328; --quiet: #59636e;
  --good: #116329; --good-box: #dafbe1; --warn: #7d4e00; --warn-box: #fff8c5;
  --bad: #a40e26; --bad-box: #ffebe9; --note: #0550ae; --note-box: #ddf4ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --box: #161b22; --line: #3d444d; --text: #e6edf3; --quiet: #9aa4af;
    --good: #7ee787; --good-box: #12261e; --warn: #e3b341; --warn-box: #2b2111;
    --bad: #ffa198; --bad-box: #2d1214; --note: #79c0ff; --note-box: #10233a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
code, pre { font: .86em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; unicode-bidi: isolate; }
bdi { direction: ltr; overflow-wrap: anywhere; }
pre { margin: .25rem 0; padding: .5rem .75rem; background: var(--box); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.summary { font-size: 1.1rem; font-weight: 600; margin: 1rem 0; }
.next { margin-top: 2rem; padding: .75rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--note); border-radius: 6px; background: var(--box); }
.box { margin: .75rem 0; padding: .5rem 1rem; border: 1px solid var(--line); border-left-width: 4px; border-radius: 6px; }
.box.bad { border-left-color: var(--bad); } .box.warn { border-left-color: var(--warn); } .box.note { border-left-color: var(--note); }
dl.risks { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dl.risks dt { font-weight: 600; } dl.risks dd { margin: 0; overflow-wrap: anywhere; }
.bad-text { color: var(--bad); } .warn-text { color: var(--warn); } .note-text { color: var(--note); } .good-text { color: var(--good); }
.entry { margin: .5rem 0; border: 1px solid var(--line); border-radius: 6px; }
.entry > summary, .entry > .head { padding: .5rem .75rem; background: var(--box); border-radius: 6px; }
.entry > .head { padding-left: 1.75rem; }
.entry[open] > summary { border-radius: 6px 6px 0 0; border-bottom: 1px solid var(--line); }
.entry > .body { padding: .25rem .75rem .5rem; }
summary { cursor: pointer; }
summary:focus-visible { outline: 2px solid var(--note); outline-offset: 2px; }
.op { display: inline-block; min-width: 4.6rem; margin-right: .5rem; padding: 0 .45rem; border: 1px solid currentColor; border-radius: 4px; font-size: .8rem; font-weight: 600; text-align: center; white-space: nowrap; }
.op.good { color: var(--good); background: var(--good-box); } .op.warn { color: var(--warn); background: var(--warn-box); }
.op.bad { color: var(--bad); background: var(--bad-box); } .op.note { color: var(--note); background: var(--note-box); }
.target { font-weight: 600; }
.notes { margin-left: .5rem; color: var(--quiet); font-size: .9em; overflow-wrap: anywhere; }
ul.fields { list-style: none; margin: .25rem 0; padding: 0; }
ul.fields > li { padding: .25rem 0; } ul.fields > li + li { border-top: 1px solid var(--line); }
del, ins { display: inline-block; max-width: 100%; padding: 0 .3rem; border-radius: 4px; text-decoration: none; overflow-wrap: anywhere; }
del { color: var(--bad); background: var(--bad-box); } ins { color: var(--good); background: var(--good-box); }
.diff .old { color: var(--bad); } .diff .new { color: var(--good); } .diff .skip { color: var(--quiet); }
pre.lines { white-space: pre; overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; }
th, td { overflow-wrap: anywhere; padding: .35rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { background: var(--box); }
.short { overflow-wrap: normal; white-space: nowrap; }
@media (max-width: 40rem) {
  main { padding: 1rem .75rem 2rem; }
  dl.risks { grid-template-columns: 1fr; } dl.risks dd { margin-bottom: .5rem; }
  .notes { display: block; margin-left: 0; }
  th, td { padding: .25rem .35rem; font-size: .9em; }
}
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .entry, .box, li, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
`);
