import type { Installation, InstalledObject } from '../../../schemas/output/installation.ts';
import { padded, wrapped } from './layout.ts';
import { pageOf } from './page.ts';
import { prose } from './plain.ts';
import type { Style } from './terminal.ts';

type Result = InstalledObject['result'];

/** In the order in which they are told. What is as it was is only counted. */
const TOLD: readonly Result[] = ['created', 'changed', 'removed', 'kept'];
const COUNTED: readonly (readonly [Result, string])[] = [
  ['created', 'created'],
  ['changed', 'changed'],
  ['removed', 'removed'],
  ['unchanged', 'unchanged'],
  ['kept', 'left as others made them'],
];

/** What `weka-gitops install` and `uninstall` print. */
export function installationText(installation: Installation, style: Style): string {
  const { paint, width } = pageOf(style);
  const { cluster, version, kubernetes, written, objects, notReady, stays, notes, kind } = installation;
  const list = (title: string, items: readonly (readonly [string, string])[]) =>
    items.length === 0
      ? []
      : [
          '',
          title,
          ...items.flatMap(([name, why]) => [
            `  ${prose(name, 300)}`,
            ...wrapped(prose(why, 600), width - 4).map((line) => `    ${line}`),
          ]),
        ];
  const rows = objects
    .filter(({ result }) => TOLD.includes(result))
    .map(({ target, result }) => `  ${paint(COLOURS[result], padded(result, 8))} ${prose(target, 300)}`);
  const what = kind === 'Installation' ? 'Installation' : 'Removal';
  return [
    paint(
      'bold',
      `${what} of weka-gitops ${prose(version, 50)} in ${prose(cluster, 100)}, Kubernetes ${prose(kubernetes, 50)}`,
    ),
    ...(rows.length === 0 ? [] : ['', ...rows]),
    '',
    summary(objects, written),
    ...list(
      'Not ready:',
      notReady.map(({ target, why }) => [target, why]),
    ),
    ...list(
      'What stays:',
      stays.map(({ target, why }) => [target, why]),
    ),
    ...notes.flatMap((note) => ['', ...wrapped(prose(note, 1000), width)]),
    '',
  ].join('\n');
}

const COLOURS = {
  created: 'green',
  changed: 'yellow',
  removed: 'red',
  unchanged: 'dim',
  kept: 'dim',
} as const;

function summary(objects: Installation['objects'], written: boolean): string {
  const counts = COUNTED.flatMap(([result, words]) => {
    const count = objects.filter((each) => each.result === result).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  const all = counts.length === 0 ? 'Nothing to do' : counts.join(', ');
  return written ? `${all}.` : `Nothing was written. It would be: ${all}.`;
}
