import type { ObjectHealth } from '../../../schemas/output/report.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { type ObjectId, parseObjectId } from '../kube/object.ts';
import { prose } from './plain.ts';
import { bySeverity } from './groups.ts';
import { STATE_WORDS, whereOf } from './words.ts';

/** Boxes beside the commit's; a picture of more is no picture any more. */
const BOXES = 24;

const STYLES = {
  current: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  progressing: 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328',
  missing: 'fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4',
} as const satisfies Record<ObjectHealth['state'], string>;

/** Objects of one kind in one namespace, worst first. */
interface Box {
  readonly namespace: string;
  readonly kind: string;
  readonly objects: readonly ObjectHealth[];
  readonly worst: ObjectHealth;
}

/** A Mermaid picture, which forges draw: the commit, and the objects that it asks for by namespace and kind. */
export function statusDiagram(status: Status): string {
  const all = boxesOf(status.objects);
  if (all.length === 0) return '';
  // What works least comes first, so that it is drawn in any case.
  const drawn = all.slice(0, BOXES);
  const areas = Map.groupBy(drawn, ({ namespace }) => namespace);
  const left = all.length - drawn.length;
  const lines = [
    'flowchart LR',
    `  commit([${label(whereOf(status))}])`,
    ...[...areas].flatMap(([namespace, boxes], area) => [
      `  subgraph area${area}[${label(namespace === '' ? 'cluster-wide' : namespace)}]`,
      ...boxes.map((box, at) => `    box${area}x${at}[${label(...words(box))}]:::${box.worst.state}`),
      '  end',
      `  commit --> area${area}`,
    ]),
    ...(left > 0 ? [`  commit -.-> more[${label(`and ${left} more`)}]`] : []),
    ...Object.entries(STYLES).map(([state, style]) => `  classDef ${state} ${style}`),
  ];
  return ['```mermaid', ...lines, '```'].join('\n');
}

function boxesOf(objects: readonly ObjectHealth[]): readonly Box[] {
  const boxes = new Map<
    string,
    { namespace: string; kind: string; objects: ObjectHealth[]; worst: ObjectHealth }
  >();
  for (const object of bySeverity(objects)) {
    const { namespace = '', kind } = parseObjectId(object.target as ObjectId);
    const key = JSON.stringify([namespace, kind]);
    const box = boxes.get(key);
    if (box === undefined) boxes.set(key, { namespace, kind, objects: [object], worst: object });
    else box.objects.push(object);
  }
  return [...boxes.values()];
}

function words({ kind, objects, worst }: Box): readonly [string, string] {
  if (objects.length === 1) {
    return [`${kind} ${parseObjectId(worst.target as ObjectId).name}`, STATE_WORDS[worst.state]];
  }
  const states = Map.groupBy(objects, ({ state }) => state);
  const counts = [...states].map(([state, those]) => `${those.length} ${STATE_WORDS[state]}`);
  return [`${objects.length} × ${kind}`, counts.join(', ')];
}

/** Text of any origin as a quoted label. Mermaid takes some characters for its own syntax, HTML or Markdown. */
function label(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    prose(line, 80).replace(/[^\p{L}\p{N} .,:@/_×…-]/gu, (character) => `#${character.codePointAt(0)};`),
  );
  // Mermaid takes no empty label.
  return `"${escaped.join('<br>') || '?'}"`;
}
