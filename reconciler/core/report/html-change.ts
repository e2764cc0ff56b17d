import type { ChangeOutput, FieldOutput, Operation } from '../../../schemas/output/plan.ts';
import { addedFieldWords, addedWords, renameWords } from './added-words.ts';
import { describeField, type FieldText } from './field.ts';
import { type Html, markup, NOTHING } from './html-text.ts';
import type { DiffLine } from './line-diff.ts';
import { type Colour, OPERATION_COLOURS, RISK_COLOURS } from './page.ts';
import { placementWords } from './placement-words.ts';
import { count, prose } from './plain.ts';
import { noteWords, riskWords, toldRisks } from './words.ts';

/** Fields of one object, and of what the server adds. */
const FIELDS = 40;
const ADDED = 20;
/** Characters of one value. */
const VALUE = 400;
/** Two values of so many characters stand beside their field. */
const SHORT = 60;
/** An object with more fields, or a diff of more lines, is folded. */
const OPEN_FIELDS = 8;
const OPEN_LINES = 12;
const OPERATION_WORDS = {
  create: 'create',
  update: 'change',
  replace: 'replace',
  prune: 'prune',
  keep: 'unchanged',
  refuse: 'refused',
  wait: 'waiting',
  run: 'run',
} as const satisfies Record<Operation, string>;

/** The page's classes in place of a terminal's colours. */
export const TONES = {
  red: 'bad',
  magenta: 'bad',
  yellow: 'warn',
  green: 'good',
  cyan: 'note',
  dim: 'note',
} as const satisfies Partial<Record<Colour, string>>;

/** A change with its changed fields, its risks and its reason, folded where it is long. */
export function changeEntry(change: ChangeOutput): Html {
  const { op, target, source, reason, fields, node } = change;
  const notes = [
    ...(source === undefined ? [] : [prose(source, 500)]),
    ...placementWords(change),
    ...renameWords(change),
    ...noteWords(change),
  ].join(', ');
  const head = markup`${badge(op, TONES[OPERATION_COLOURS[op]])}<code class="target">${prose(target, 500)}</code>${
    notes === '' ? NOTHING : markup` <span class="notes"><bdi>${notes}</bdi></span>`
  }`;
  const texts = fields.slice(0, FIELDS).map((field) => ({ field, text: describeField(field, VALUE) }));
  const body = [
    ...(node?.does ?? []).map((each) => markup`<p><bdi>${prose(each)}</bdi></p>`),
    ...(reason === undefined ? [] : [markup`<p><bdi>${prose(reason)}</bdi></p>`]),
    ...toldRisks(change).map(
      (risk) =>
        markup`<p class="${TONES[RISK_COLOURS[risk.name]]}-text">
          <strong>Risk ${risk.name}:</strong> <bdi>${prose(riskWords(risk))}</bdi>
        </p>`,
    ),
    ...(texts.length === 0
      ? []
      : [markup`<ul class="fields">${texts.map(({ field, text }) => fieldItem(field, text))}</ul>`]),
    ...(fields.length > FIELDS ? [markup`<p>… and ${count(fields.length - FIELDS, 'more field')}</p>`] : []),
    ...added(change),
  ];
  if (body.length === 0) return markup`<div class="entry"><div class="head">${head}</div></div>`;
  const lines = texts.reduce((sum, { text }) => sum + ('diff' in text ? text.diff.length : 0), 0);
  const open = fields.length <= OPEN_FIELDS && lines <= OPEN_LINES;
  return markup`<details class="entry"${open ? markup` open` : NOTHING}><summary>${head}</summary><div class="body">${body}</div></details>`;
}

function fieldItem({ from, to }: FieldOutput, text: FieldText): Html {
  const note = text.note === '' ? NOTHING : markup` <span class="quiet">${text.note}</span>`;
  const path = markup`<code>${text.path}</code>${note}`;
  if ('diff' in text) return markup`<li>${path}${diffBlock(text.diff)}</li>`;
  const values = [
    ...(from === undefined ? [] : [markup`<del>− <code>${text.from}</code></del>`]),
    ...(to === undefined ? [] : [markup`<ins>+ <code>${text.to}</code></ins>`]),
  ];
  const between = text.from.length + text.to.length > SHORT ? markup`<br>` : markup` `;
  return markup`<li>${path}${between}${values.map((value) => markup`${value} `)}</li>`;
}

function diffBlock(diff: readonly DiffLine[]): Html {
  const lines = diff.map((line) => {
    if (line.mark === '…') return markup`<span class="skip">… ${count(line.skipped, 'line')}</span>\n`;
    const tone = line.mark === '+' ? 'new' : line.mark === '-' ? 'old' : 'same';
    return markup`<span class="${tone}">${line.mark} ${line.text}</span>\n`;
  });
  return markup`<pre class="diff">${lines}</pre>`;
}

/** What the API server would store beyond the manifest. */
function added(change: ChangeOutput): readonly Html[] {
  const words = addedWords(change);
  if (words === '') return [];
  const { adds = [] } = change;
  const items = adds
    .slice(0, ADDED)
    .map((field) => markup`<li><code>+ ${addedFieldWords(field)}</code></li>`);
  return [
    markup`<p class="quiet">The server ${words}.</p>`,
    ...(items.length === 0 ? [] : [markup`<ul class="fields quiet">${items}</ul>`]),
    ...(adds.length > ADDED
      ? [markup`<p class="quiet">… and ${count(adds.length - ADDED, 'more field')}</p>`]
      : []),
  ];
}

/** What becomes of an object, in a word. */
export function badge(op: Operation, tone: string): Html {
  return markup`<span class="op ${tone}">${OPERATION_WORDS[op]}</span>`;
}
