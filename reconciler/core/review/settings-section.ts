import { code } from '../report/markdown-text.ts';
import { count } from '../report/plain.ts';
import { withoutSecrets } from '../report/last-net.ts';
import { type SettingsChange, settingsChangeWords } from './settings-changes.ts';

/** Fields that are named. */
const FIELDS = 20;

/** Which Settings a merge changes. */
export function settingsSection(changes: readonly SettingsChange[], isFork: boolean): string {
  const told = changes.filter(({ path }) => !(isFork && path === 'spec.external.secrets'));
  if (told.length === 0) return '';
  const more = told.length - FIELDS;
  return [
    '**The Settings change with the merge, while this plan is made under those of the base:**',
    '',
    ...told.slice(0, FIELDS).map((change) => `- ${code(settingsChangeWords(withoutSecrets(change)))}`),
    ...(more > 0 ? [`- … and ${count(more, 'more field')}`] : []),
  ].join('\n');
}
