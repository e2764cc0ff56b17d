import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { RUNNING_KERNEL_ONLY } from '../../../../schemas/drivers/result.ts';
import { DRIVER_CODES } from '../../../../schemas/node/driver-codes.ts';
import { Explanation } from '../../../../schemas/output/explanation.ts';
import type { DriversSeen } from '../../../../reconciler/core/drivers/drivers.ts';
import { explainDrivers } from '../../../../reconciler/core/explain/explain-drivers.ts';
import type { Explained } from '../../../../reconciler/core/explain/explain-object.ts';
import type { Situation } from '../../../../reconciler/core/explain/situation.ts';
import {
  DRIVER_SYMPTOMS,
  DRIVER_TROUBLES,
  troubleOf,
} from '../../../../reconciler/core/report/driver-troubles.ts';
import { explanationMarkdown } from '../../../../reconciler/core/report/explanation-markdown.ts';
import { explanationText } from '../../../../reconciler/core/report/explanation-text.ts';
import {
  aCell,
  aDriverNode,
  aDriversReport,
  aTarget,
  KERNEL,
  NEW,
  OTHER_KERNEL,
  someDrivers,
} from '../report/driver-samples.ts';
import { aSituation } from './situations.ts';

function situation(drivers: DriversSeen | undefined): Situation {
  const { assessment, ...rest } = aSituation({});
  return { ...rest, assessment: { ...assessment, ...(drivers !== undefined && { drivers }) } };
}

function explained(name?: string, drivers: DriversSeen | undefined = someDrivers()): Explained {
  const answer = explainDrivers(name, situation(drivers));
  if (!('state' in answer)) throw new Error(`${answer.message} ${answer.hint}`);
  return answer;
}

function whole(answer: Explained): Explanation {
  const head = { apiVersion: 'weka-gitops.dev/v1', kind: 'Explanation', cluster: 'production', ref: 'main' };
  return Explanation.parse({ ...head, commit: 'c'.repeat(40), ...answer });
}

describe('explain drivers', () => {
  it('tells every build, what is in the way with its cause, and the way out', () => {
    const text = explanationText(whole(explained()), { colour: false, width: 120 });
    expect(text).toContain(`drivers: held up
production at main@ccccccc

  4 builds of drivers for 65 nodes, 61 loaded, 3 without a package, 1 refused.
`);
    expect(text).toContain(`
Belongs to it
  4.4.5.118 for 6.8.0-45-generic  pre-built, loaded on 61 of 62 nodes, served by weka/dist
  4.4.5.118 for 6.8.0-47-generic  building, loaded on 0 of 2 nodes, served by weka/dist
  4.4.5.118 for 6.11.0-9-generic  coming, node-1, served by weka/dist
  4.4.2.157 for 5.14.0-custom  failed, loaded on 0 of 1 node, served by weka/dist
`);
    expect(text).toContain('make: *** [all] Error 2');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'refused, IN_USE: wekafsio of 4.4.2.157 is in use. Used by: mount /mnt/weka, process 4711 (weka-client). ' +
        'Cause: Mounts, modules or processes hold the drivers that would have to go',
    );
    expect(text).toContain('  - IN_USE: Unmount /mnt/weka.\n');
    expect(text).toContain(`sha256:${'5'.repeat(64)},`);
    expect(explanationMarkdown(whole(explained()))).toContain('### `drivers`: held up');
  });

  it.each([
    [NEW, ['6.8.0-45-generic', '6.8.0-47-generic', '6.11.0-9-generic']],
    [OTHER_KERNEL, ['6.8.0-47-generic']],
    [`${NEW}/${KERNEL}`, ['6.8.0-45-generic']],
    [`${NEW}/${KERNEL}/x86_64`, ['6.8.0-45-generic']],
  ])('/%s tells of %s', (name, kernels) => {
    const { related, target } = explained(name);
    expect(target).toBe(`drivers/${name}`);
    expect(related.map((each) => each.target)).toEqual(kernels.map((kernel) => `${NEW} for ${kernel}`));
  });

  it('of what is not there names the nearest', () => {
    expect(() => explained('4.4.5.119')).toThrow(
      'No drivers are known by "4.4.5.119": it is no version, no kernel and no code. Did you mean drivers/4.4.5.118?',
    );
    expect(() => explained('IN_USA')).toThrow('Did you mean drivers/IN_USE?');
    expect(() => explained('4.4')).toThrow('no version');
  });

  it('says so where nobody asks for any', () => {
    expect(explainDrivers(undefined, situation(undefined))).toMatchObject({ state: 'not-asked-for' });
  });

  it('is loaded where all nodes have what they shall have, and on the way before', () => {
    const target = aTarget();
    const seen = (report = aDriversReport(target)): DriversSeen => ({
      cells: [aCell('built', target, ['a'])],
      nodes: [aDriverNode('a', target, { report })],
      lock: [],
    });
    expect(explained(undefined, seen()).state).toBe('loaded');
    expect(explained(undefined, seen(aDriversReport(target, { state: 'working' }))).state).toBe('on-the-way');
    expect(explained(undefined, seen(aDriversReport(target, { state: 'failed' }))).state).toBe('held-up');
  });

  it.each(Object.keys(DRIVER_TROUBLES) as readonly (keyof typeof DRIVER_TROUBLES)[])(
    '/%s tells cause and way out, and whom it concerns now',
    (code) => {
      const { symptom, cause, mend } = DRIVER_TROUBLES[code];
      expect(explained(code)).toMatchObject({ now: [symptom, cause], toChange: [mend] });
      const target = aTarget();
      const report = aDriversReport(target, { state: 'failed', code, message: 'As it said.' });
      const drivers = {
        cells: [aCell('built', target, ['a'])],
        nodes: [aDriverNode('a', target, { report })],
        lock: [],
      };
      const { state, waitsFor } = explained(code.toLowerCase().replaceAll('_', '-'), drivers);
      expect(state).toBe('held-up');
      expect(waitsFor).toEqual([{ target: 'a', why: `failed, ${code}: As it said. Cause: ${cause}` }]);
      // The same way out where all drivers are explained.
      expect(explained(undefined, drivers).toChange).toEqual([`${code}: ${mend}`]);
    },
  );

  it('of a code that only a newer agent knows tells whom it concerns', () => {
    const target = aTarget();
    const report = aDriversReport(target, { state: 'failed', code: 'FROM_TOMORROW', message: 'Said.' });
    const drivers = {
      cells: [aCell('built', target, ['a'])],
      nodes: [aDriverNode('a', target, { report })],
      lock: [],
    };
    expect(explained('FROM_TOMORROW', drivers)).toMatchObject({
      state: 'held-up',
      waitsFor: [{ target: 'a', why: 'failed, FROM_TOMORROW: Said.' }],
    });
  });
});

describe('the words for what goes wrong with drivers', () => {
  it.each(Object.entries(DRIVER_TROUBLES))('of %s are plain sentences', (_, { symptom, cause, mend }) => {
    for (const words of [symptom, cause, mend]) expect(words).toMatch(/^([A-Z]|weka |kernel\.).*[.]$/);
    expect(mend).toMatch(/^[A-Z][a-z]+ /);
    expect(new Set([symptom, cause, mend]).size).toBe(3);
  });

  it('lead from each symptom that people see to codes', () => {
    expect(DRIVER_SYMPTOMS.map(({ symptom }) => symptom)).toEqual([
      'A build exceeds its timeout',
      'The distribution service cannot be reached',
      'The signature of a package is wrong',
      'A node gets no drivers',
      'The build fails for a custom or uncommon kernel',
    ]);
  });
});

describe('every code that a program of ours reports about drivers', () => {
  const FOLDERS = ['build', 'fetch', 'load', 'upload'];

  /** `readonly code = 'X'` of error classes, and the members of types that are called something with Code. */
  async function codesIn(folder: string): Promise<readonly string[]> {
    const url = new URL(`../../../../nodeagent/${folder}/errors.ts`, import.meta.url);
    const text = await readFile(url, 'utf8');
    const unions = [...text.matchAll(/^export type \w+Code =([^;]+);/gm)].map(([, members = '']) => members);
    return [
      ...[...text.matchAll(/readonly code = '([A-Z_]+)'/g)].map(([, code = '']) => code),
      ...unions.flatMap((members) => [...members.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code)),
    ];
  }

  it.each(FOLDERS)('has its words: %s', async (folder) => {
    const codes = await codesIn(folder);
    expect(codes).not.toEqual([]);
    expect(codes.filter((code) => troubleOf(code) === undefined)).toEqual([]);
  });

  it('has its words: agents', () => {
    expect(Object.keys(DRIVER_CODES).filter((code) => troubleOf(code) === undefined)).toEqual([]);
  });

  it('is among them, so that no words are about nothing', async () => {
    const codes = (await Promise.all(FOLDERS.map(codesIn))).flat();
    const known = new Set([...codes, ...Object.keys(DRIVER_CODES), 'NOT_SELECTED', RUNNING_KERNEL_ONLY]);
    expect(Object.keys(DRIVER_TROUBLES).filter((code) => !known.has(code))).toEqual([]);
  });
});
