import { format, resolveConfig } from 'prettier';
import {
  DRIVER_SYMPTOMS,
  DRIVER_TROUBLES,
  type DriverTrouble,
} from '../reconciler/core/report/driver-troubles.ts';

const PAGE = 'schemas/docs/drivers.md';

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
  ].join('\n\n');
  return { [PAGE]: await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }) };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
