import type { AwaitedOutput } from '../../../schemas/output/plan.ts';
import { wrapped } from './layout.ts';
import { code, fence, folded, inline } from './markdown-text.ts';
import type { Room } from './markdown-room.ts';
import type { Page } from './page.ts';
import { count, printable, prose } from './plain.ts';

/** Files that a page shows; who wants more of them asks for JSON. */
export const SHOWN_APPROVALS = 20;

/** The files to commit so that what waits for consent can go ahead, for a terminal. */
export function approvalLines(approvals: readonly AwaitedOutput[], page: Page): string[] {
  if (approvals.length === 0) return [];
  const title = page.paint('bold', `Approvals to commit, if this is what you want (${approvals.length})`);
  const more = approvals.length - SHOWN_APPROVALS;
  return [
    title,
    ...approvals
      .slice(0, SHOWN_APPROVALS)
      .flatMap((approval) => [
        ...wrapped(`${prose(approval.path, 300)}: ${approvalWords(approval)}`, page.width - 2).map(
          (line) => `  ${line}`,
        ),
        ...fileLines(approval).map((line) => page.paint('dim', `      ${line}`)),
      ]),
    ...(more > 0 ? [`  … and ${more} more; --output json has them all`] : []),
  ];
}

/** The same for a page; `command` is what to write instead of committing the file, where there is such a thing. */
export function approvalSection(
  approvals: readonly AwaitedOutput[],
  room: Room,
  command?: (approval: AwaitedOutput) => string,
): string {
  if (approvals.length === 0) return '';
  const shown = approvals.slice(0, SHOWN_APPROVALS);
  const more = approvals.length - shown.length;
  if (more > 0) room.cut.add('approvals');
  return [
    `#### Approvals to commit, if this is what you want (${approvals.length})`,
    ...shown.map((approval) =>
      [
        `${code(approval.path)}: ${inline(approvalWords(approval))}`,
        folded('Show the file', fence(fileLines(approval), 'yaml')),
        ...(command === undefined
          ? []
          : [
              'Commit it with a reason, or have somebody other than the author comment:',
              fence([printable(command(approval))], 'text'),
            ]),
      ].join('\n\n'),
    ),
    ...(more > 0 ? [`… and ${more} more.`] : []),
  ].join('\n\n');
}

/** `replace-object of Deployment weka/exporter, for 1 change`. */
export function approvalWords({ action, target, changes }: AwaitedOutput): string {
  return `${prose(action, 100)} of ${prose(target, 300)}, for ${count(changes.length, 'change')}`;
}

/** The file's lines, printable. */
export function fileLines({ file }: AwaitedOutput): string[] {
  return file.trimEnd().split('\n').map(printable);
}
