import { type Observed, unknown } from '../../schemas/node/observed.ts';
import { quoted } from './number.ts';

/** What `/sys/kernel/security/lockdown` says: `none [integrity] confidentiality`. */
export function parseLockdown(text: string): Observed<'none' | 'integrity' | 'confidentiality'> {
  const chosen = /\[(\w+)\]/.exec(text)?.[1];
  if (chosen === 'none' || chosen === 'integrity' || chosen === 'confidentiality') return chosen;
  return unknown(
    `The kernel tells its lockdown as ${quoted(text.trim())}, which this version does not know.`,
  );
}

/** The firmware's variable SecureBoot: four bytes of attributes, and the value. */
export function parseSecureBoot(variable: Uint8Array): Observed<'on' | 'off'> {
  const value = variable[4];
  if (variable.length === 5 && (value === 0 || value === 1)) return value === 1 ? 'on' : 'off';
  return unknown("The firmware's variable SecureBoot is not as UEFI describes it.");
}
