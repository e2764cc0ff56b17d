import { format, resolveConfig } from 'prettier';
import { DRIVER_SYMPTOMS, DRIVER_TROUBLES } from '../reconciler/core/report/driver-troubles.ts';
import type { DriverTrouble } from '../reconciler/core/report/troubles/driver-trouble.ts';

const PAGE = 'schemas/docs/drivers.md';

const ON_NODES =
  'The annotation `weka.io/drivers-loaded` is not written, and one that is there is left as it is. Only the operator of WEKA reads it: it decides ' +
  'by it whether its loader has to run again after a boot, and which version makes way for which. The containers of WEKA ask the kernel instead ' +
  '(`lsmod`, `weka driver ready`), and so do we: what counts is the report of the agent of the node, which names the boot, the package by its SHA-256 ' +
  'and each module. A second record beside it could only be out of date, and whoever writes it needs the right to annotate every node, which is also ' +
  'the right to change which drives WEKA takes there. `weka-gitops explain node/NAME` tells what is loaded; labels `weka.io/kernel` and ' +
  '`weka.io/architecture` are written where a policy says so.';

/** The page with what goes wrong with drivers, by its path. */
export async function driversPages(): Promise<Readonly<Record<string, string>>> {
  const text = [
    '# What goes wrong with drivers',
    'Status, plan and `weka-gitops explain` name a code for it. Codes stay as they are; `weka-gitops explain drivers/CODE` says what is here, and whom it concerns now.',
    '## By symptom',
    table(
      ['Symptom', 'It may be'],
      DRIVER_SYMPTOMS.map(({ symptom, codes }) => [symptom, codes.map((code) => `\`${code}\``).join(', ')]),
    ),
    '## By code',
    table(
      ['Code', 'What is seen', 'Cause', 'Way out'],
      Object.entries<DriverTrouble>(DRIVER_TROUBLES).map(([code, { symptom, cause, mend }]) => [
        `\`${code}\``,
        symptom,
        cause,
        mend,
      ]),
    ),
    '## What is written on nodes',
    ON_NODES,
  ].join('\n\n');
  return { [PAGE]: await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }) };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
