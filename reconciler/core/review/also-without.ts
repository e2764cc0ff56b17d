import { code, folded, table } from '../report/markdown-text.ts';
import { type Room, rowsOf } from '../report/markdown-room.ts';
import { count } from '../report/plain.ts';
import { SYMBOLS } from '../report/words.ts';
import type { AlsoWithout } from './told.ts';

/** Objects that are named; a reviewer of this pull request has little to do with them. */
const OBJECTS = 50;

/** What has nothing to do with a pull request, so that nobody takes it for a part of it or misses it. */
export function alsoWithoutSection({ changes, undone, findings }: AlsoWithout, room: Room): string {
  // Rows are remembered by what they tell of, and of a change other sections tell more.
  const work = changes.flatMap(({ op, target }) => (op === 'keep' ? [] : [{ op, target }]));
  const most = Math.min(OBJECTS, room.rows);
  return [
    listed(`${count(work.length, 'change')} that a pass makes without the merge as well`, work, most, room),
    listed(
      `${count(undone.length, 'object')} that a pass would change without the merge only`,
      undone.map((target) => ({ target })),
      most,
      room,
    ),
    ...(findings === 0
      ? []
      : [
          `${count(findings, 'finding')} that the base has as well ${findings === 1 ? 'is' : 'are'} not shown.`,
        ]),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function listed(
  title: string,
  objects: readonly { readonly op?: keyof typeof SYMBOLS; readonly target: string }[],
  most: number,
  room: Room,
): string {
  if (objects.length === 0) return '';
  const rows = rowsOf(objects, most, room, ({ op, target }) => [
    ...(op === undefined ? [] : [code(SYMBOLS[op])]),
    code(target),
  ]);
  const more = objects.length - rows.length;
  if (more > 0) room.cut.add('objects');
  const [first] = rows;
  return folded(
    title,
    [
      ...(first === undefined ? [] : [table(first.length === 1 ? ['Object'] : ['', 'Object'], rows)]),
      ...(more > 0 ? [`… and ${more} more.`] : []),
    ].join('\n\n'),
  );
}
