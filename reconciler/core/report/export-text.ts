import type { DriversExport, ExportedPackage } from '../../../schemas/output/drivers-export.ts';
import { kernelWords } from './drivers-words.ts';
import { pageOf } from './page.ts';
import { count, prose } from './plain.ts';
import { entryLines } from './terminal-change.ts';
import type { Style } from './terminal.ts';

const SHOWN = {
  written: { symbol: '+', colour: 'green' },
  there: { symbol: '=', colour: 'dim' },
  failed: { symbol: '!', colour: 'red' },
} as const satisfies Record<ExportedPackage['result'], { symbol: string; colour: string }>;

/** What `weka-gitops drivers export` prints. */
export function exportText({ cluster, folder, packages }: DriversExport, style: Style): string {
  const page = pageOf(style);
  const of = (result: ExportedPackage['result']) => packages.filter((each) => each.result === result).length;
  const parts = [
    [of('written'), 'written'],
    [of('there'), 'there already'],
    [of('failed'), 'failed'],
  ] as const;
  const words = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return [
    page.paint(
      'bold',
      packages.length === 0
        ? `No package of drivers is pinned in ${prose(cluster, 100)} yet.`
        : `${count(packages.length, 'package')} of drivers of ${prose(cluster, 100)} for ${prose(folder, 500)}: ${words.join(', ')}`,
    ),
    ...packages.flatMap((each) => {
      const { version, file, sha256, bytes, from, code, why, hint, result } = each;
      const head = { ...SHOWN[result], target: `${version} for ${kernelWords(each)}`, notes: [file] };
      const what = `sha256:${sha256}, ${bytes.toLocaleString('en-US')} bytes${from === undefined ? '' : `, from ${from}`}`;
      const said = [
        ...(why === undefined ? [what] : [code === undefined ? why : `${code}: ${why}`]),
        ...(hint === undefined ? [] : [`Hint: ${hint}`]),
      ];
      return entryLines(head, said, page);
    }),
    '',
  ].join('\n');
}
