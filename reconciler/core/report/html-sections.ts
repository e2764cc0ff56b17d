import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, Plan, UnreadOutput } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput } from '../../../schemas/output/report.ts';
import type { NodesOutput } from '../../../schemas/output/node.ts';
import type { Obstacle } from '../../../schemas/output/status.ts';
import { bySeverity, type Group, type Section } from './groups.ts';
import { badge, changeEntry, TONES } from './html-change.ts';
import { type Html, markup, NOTHING } from './html-text.ts';
import { LEVEL_COLOURS, pageOf, RISK_COLOURS, STATE_COLOURS } from './page.ts';
import { obstaclesByNodes, outcomesByNodes } from './node-changes.ts';
import { NODE_HEAD, nodeCells, nodeNotes, nodesWords, unreadWords } from './node-words.ts';
import { count, prose } from './plain.ts';
import { excerptLines } from './terminal-finding.ts';
import { brakeWords, riskGroups, STATE_WORDS } from './words.ts';

/** Characters that the changes of a page may still take. */
export interface HtmlRoom {
  left: number;
}

/** A longer list is folded. */
const OPEN_ENTRIES = 50;
/** Rows of a list that is no list of changes. */
const ROWS = 5000;

export function riskList(plan: Pick<Plan, 'changes'>): Html {
  const groups = riskGroups(plan);
  if (groups.length === 0) return NOTHING;
  const items = groups.map(
    ({ name, changes, words }) =>
      markup`<dt class="${TONES[RISK_COLOURS[name]]}-text">${name}</dt>
        <dd><bdi>${prose(words)}</bdi> <span class="quiet">(${count(changes, 'object')})</span></dd>`,
  );
  return markup`<section><h2>Risks</h2><dl class="risks">${items}</dl></section>`;
}

export function guards({ pruneBlocked, brake }: Pick<Plan, 'pruneBlocked' | 'brake'>): Html {
  return markup`${brake === undefined ? NOTHING : box('bad', markup`<p>${brakeWords(brake)}</p>`)}${
    pruneBlocked === undefined
      ? NOTHING
      : box('warn', markup`<p>Pruning is blocked: ${prose(pruneBlocked)}</p>`)
  }`;
}

export function findingList(title: string, findings: readonly FindingOutput[]): Html {
  return list(title, findings, ({ level, rule, file, line, column, message, hint, ...rest }) => {
    const page = pageOf({ colour: false, width: 120 });
    const lines = rest.excerpt === undefined ? [] : excerptLines(rest.excerpt, line, page);
    return box(
      TONES[LEVEL_COLOURS[level]],
      markup`<p>
          <strong class="${TONES[LEVEL_COLOURS[level]]}-text">${level}</strong>
          <code>${prose(file, 500)}:${line}:${column}</code> <span class="quiet">${prose(rule, 100)}</span>
        </p>
        <p><bdi>${prose(message)}</bdi></p>
        ${lines.length === 0 ? NOTHING : preformatted(lines, 'lines')}
        ${hint === undefined ? NOTHING : markup`<p>Hint: <bdi>${prose(hint)}</bdi></p>`}`,
    );
  });
}

export function outcomeList(title: string, outcomes: readonly OutcomeOutput[]): Html {
  return list(
    title,
    outcomesByNodes(outcomes),
    ({ op, target, result, code, why = '', hint }) =>
      box(
        result === 'failed' ? 'bad' : 'note',
        markup`<p>${badge(op, result === 'failed' ? 'bad' : 'note')}<code class="target">${prose(target, 500)}</code></p>
        <p>${code === undefined ? NOTHING : markup`<code>${prose(code, 100)}</code>: `}<bdi>${prose(why)}</bdi></p>
        ${hint === undefined ? NOTHING : markup`<p>Hint: <bdi>${prose(hint)}</bdi></p>`}`,
      ),
    outcomes.length,
  );
}

export function obstacleList(title: string, tone: 'bad' | 'note', obstacles: readonly Obstacle[]): Html {
  return list(
    title,
    obstaclesByNodes(obstacles),
    ({ target, why }) =>
      box(
        tone,
        markup`<p><code class="target">${prose(target, 500)}</code></p><p><bdi>${prose(why)}</bdi></p>`,
      ),
    obstacles.length,
  );
}

export function unreadList(unread: readonly UnreadOutput[]): Html {
  return list('Could not be read', unread, ({ kind, namespace, why }) =>
    box(
      'bad',
      markup`<p>
          <code class="target">${prose(kind, 300)}</code>${namespace === undefined ? NOTHING : markup` in <code>${prose(namespace, 300)}</code>`}
        </p>
        <p><bdi>${prose(why)}</bdi></p>`,
    ),
  );
}

export function healthTable(title: string, objects: readonly ObjectHealth[]): Html {
  if (objects.length === 0) return NOTHING;
  const rows = bySeverity(objects)
    .slice(0, ROWS)
    .map(
      ({ target, state, message }) =>
        markup`<tr>
          <td><code>${prose(target, 500)}</code></td>
          <td class="${TONES[STATE_COLOURS[state]]}-text">${STATE_WORDS[state]}</td>
          <td><bdi>${prose(message)}</bdi></td>
        </tr>`,
    );
  return markup`<section><h2>${title} (${objects.length})</h2>
    <table><thead><tr><th scope="col">Object</th><th scope="col">State</th><th scope="col">What it says</th></tr></thead>
    <tbody>${rows}</tbody></table>${rest(objects.length - rows.length)}</section>`;
}

export function nodesTable(nodes: NodesOutput | undefined): Html {
  if (nodes === undefined) return NOTHING;
  const head = NODE_HEAD.map((each) => markup`<th scope="col">${each}</th>`);
  const rows = nodes.nodes.map(
    (node) =>
      markup`<tr>${nodeCells(node).map((cell) => markup`<td><bdi>${prose(cell, 300)}</bdi></td>`)}</tr>`,
  );
  const notes = nodeNotes(nodes).map(
    ({ name, why }) => markup`<li><code>${prose(name, 300)}</code>: <bdi>${why}</bdi></li>`,
  );
  const unread = unreadWords(nodes);
  return markup`<section><h2>Nodes: ${nodesWords(nodes)}</h2>
    ${unread === undefined ? NOTHING : markup`<p><bdi>${unread}</bdi></p>`}
    ${rows.length === 0 ? NOTHING : markup`<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`}
    ${notes.length === 0 ? NOTHING : markup`<ul class="fields">${notes}</ul>`}</section>`;
}

/** Changes of one WEKA cluster, or of all where there is none. */
export function sectionOf({ title, groups }: Section, room: HtmlRoom): Html {
  if (title === undefined) return markup`${groups.map((group) => groupOf(group, room))}`;
  const inner = groups.map((group) => markup`<h3>${group.heading}</h3>${entries(group.changes, room)}`);
  return markup`<section><h2><bdi>${prose(title, 300)}</bdi></h2>${inner}</section>`;
}

export function groupOf({ heading, changes }: Group, room: HtmlRoom): Html {
  return markup`<section><h2>${heading}</h2>${entries(changes, room)}</section>`;
}

function entries(changes: readonly ChangeOutput[], room: HtmlRoom): Html {
  const shown: Html[] = [];
  for (const change of changes) {
    if (room.left <= 0) break;
    const one = changeEntry(change);
    room.left -= one.toString().length;
    shown.push(one);
  }
  const all = markup`${shown}${rest(changes.length - shown.length)}`;
  return shown.length > OPEN_ENTRIES ? folded(`Show ${count(shown.length, 'object')}`, all) : all;
}

export function box(tone: string, content: Html): Html {
  return markup`<div class="box ${tone}">${content}</div>`;
}

/** A part that the reader opens. */
export function folded(title: string, content: Html): Html {
  return markup`<details><summary>${title}</summary>${content}</details>`;
}

export function preformatted(lines: readonly string[], kind = ''): Html {
  return markup`<pre class="${kind}">${lines.map((line) => markup`${line}\n`)}</pre>`;
}

function list<Item>(
  title: string,
  items: readonly Item[],
  show: (item: Item) => Html,
  total = items.length,
): Html {
  if (items.length === 0) return NOTHING;
  const shown = items.slice(0, ROWS).map(show);
  const all = markup`${shown}${rest(items.length - shown.length)}`;
  const body = shown.length > OPEN_ENTRIES ? folded(`Show ${shown.length} of ${items.length}`, all) : all;
  return markup`<section><h2>${title} (${total})</h2>${body}</section>`;
}

function rest(more: number): Html {
  return more > 0 ? markup`<p><strong>… and ${more} more</strong>: too much for a page.</p>` : NOTHING;
}
