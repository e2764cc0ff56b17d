import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SLOW } from './slow-first.ts';

describe('the files that begin first', () => {
  it('are there, each named once', () => {
    const root = join(import.meta.dirname, '../..');
    expect(SLOW.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(new Set(SLOW).size).toBe(SLOW.length);
  });
});
