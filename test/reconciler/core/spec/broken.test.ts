import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFiles } from './read.ts';

const folder = new URL('broken/', import.meta.url);
const names = readdirSync(folder).filter((name) => /\.(yaml|json)$/.test(name));

/** Findings as `broken/NAME.txt` has them: `line:column level rule: message`, the hint below it, a blank line between. */
function written(name: string): string {
  const { findings } = readFiles({ [name]: readFileSync(new URL(name, folder)) });
  return findings
    .map(({ line, column, level, rule, message, hint }) => {
      const said = `${line}:${column} ${level} ${rule}: ${message}\n`;
      return hint === undefined ? said : `${said}  hint: ${hint}\n`;
    })
    .join('\n');
}

describe('broken manifests', () => {
  it.each(names)('%s has the findings that stand beside it', (name) => {
    expect(written(name)).toBe(readFileSync(new URL(`${name}.txt`, folder), 'utf8'));
  });
});
