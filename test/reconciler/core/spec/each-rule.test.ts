import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MANIFEST_EXAMPLES } from '../../../../reconciler/core/spec/rules/manifest-examples.ts';
import { ruleOf } from '../lint/read.ts';
import { readFiles } from './read.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const broken = filesIn('each-rule/broken/');
const valid = filesIn('each-rule/valid/');
const manifestRules = Object.keys(MANIFEST_EXAMPLES);

/** A test by its file, below this program's part of the tests, and its name or the beginning of it. */
type NamedTest = readonly [file: string, name: string];

/** Rules that no text alone breaks: they need bytes, keys, kustomize or a file system, or very many faults. */
const ELSEWHERE: Readonly<Record<string, { readonly breaks: NamedTest; readonly keeps: NamedTest }>> = {
  encoding: {
    breaks: ['core/spec/yaml.test.ts', 'other than UTF-8 are refused'],
    keeps: [
      'core/spec/yaml.test.ts',
      'takes several documents, comments, empty documents, a byte order mark and Windows line ends',
    ],
  },
  'more-findings': {
    breaks: [
      'core/spec/yaml.test.ts',
      'tell the first hundred findings of a file, and how many more there are',
    ],
    keeps: [
      'core/spec/yaml.test.ts',
      'points at unquoted words that the API server reads otherwise, as values and as names',
    ],
  },
  'not-decrypted': {
    breaks: [
      'world/secrets/open-sealed.test.ts',
      'that are not configured are missed, as an error or where nothing is applied as a warning',
    ],
    keeps: ['world/secrets/open-sealed.test.ts', 'is opened with its places kept'],
  },
  'plain-leftover': {
    breaks: ['world/secrets/plain-leftover.test.ts', 'is an error for whoever has no key, too'],
    keeps: ['world/secrets/plain-leftover.test.ts', 'is none where the file’s own rule leaves it open'],
  },
  tampered: {
    breaks: [
      'world/secrets/tampering.test.ts',
      'of an encrypted value or of the MAC cannot be changed unseen',
    ],
    keeps: ['world/secrets/open-sealed.test.ts', 'is opened in whatever style somebody has written it since'],
  },
  'kustomize-missing': {
    breaks: ['world/kustomize/limits.test.ts', 'without a program is a finding that says how to get one'],
    keeps: [
      'world/kustomize/limits.test.ts',
      'of another program that kustomize is called gets its arguments and no environment',
    ],
  },
  'kustomize-remote': {
    breaks: [
      'world/kustomize/refusals.test.ts',
      'refuses what is fetched from elsewhere, whatever field names it',
    ],
    keeps: [
      'world/kustomize/render.test.ts',
      'becomes what kustomize makes of it, bases outside the path included',
    ],
  },
  'kustomize-plugin': {
    breaks: [
      'world/kustomize/refusals.test.ts',
      'refuses Helm and every plugin that kustomize does not have built in',
    ],
    keeps: [
      'world/kustomize/render.test.ts',
      'gives what generators make the hash of its content, also where it is referred to',
    ],
  },
  'kustomize-reference': {
    breaks: [
      'world/kustomize/refusals.test.ts',
      'refuses what leads out of the repository, and names that are nowhere in it',
    ],
    keeps: [
      'world/kustomize/render.test.ts',
      'becomes what kustomize makes of it, bases outside the path included',
    ],
  },
  'kustomize-build': {
    breaks: ['world/kustomize/places.test.ts', 'is told in plain words where its kind is known'],
    keeps: [
      'world/kustomize/render.test.ts',
      'takes every name of the file and every style of YAML that kustomize takes',
    ],
  },
  'kustomize-limits': {
    breaks: ['world/kustomize/limits.test.ts', 'reads no more files, and none larger, than it may'],
    keeps: ['world/kustomize/render.test.ts', 'gives the same bytes in the same order each time'],
  },
  'file-too-large': {
    breaks: ['world/git/worktree.test.ts', 'refuses large files and pointers to them'],
    keeps: ['world/git/worktree.test.ts', 'gives the manifests below the path, named from the folder on'],
  },
  'lfs-pointer': {
    breaks: ['world/git/worktree.test.ts', 'refuses large files and pointers to them'],
    keeps: ['world/git/worktree.test.ts', 'gives the manifests below the path, named from the folder on'],
  },
  'file-name': {
    breaks: ['world/git/snapshot/manifest-tree.test.ts', 'have names that cannot be printed'],
    keeps: [
      'world/git/snapshot/manifest-tree.test.ts',
      'are told with the name that git has for their content',
    ],
  },
  symlink: {
    breaks: ['world/git/worktree.test.ts', 'follows no link'],
    keeps: ['world/git/worktree.test.ts', 'follows a link that somebody named, and none that it finds'],
  },
  submodule: {
    breaks: ['world/git/snapshot/manifest-tree.test.ts', 'are each a finding with its rule'],
    keeps: [
      'world/git/snapshot/manifest-tree.test.ts',
      'are told with the name that git has for their content',
    ],
  },
  'special-file': {
    breaks: [
      'world/git/special-file.test.ts',
      'a pipe that is called like a manifest is refused, and nobody waits for it',
    ],
    keeps: ['world/git/worktree.test.ts', 'gives the manifests below the path, named from the folder on'],
  },
};

describe('a manifest that breaks a rule', () => {
  it.each([...broken])('%s has the findings that stand beside it', (name, { text, url }) => {
    expect(written(name, text)).toBe(readFileSync(new URL(`${url.href}.txt`), 'utf8'));
  });

  it.each([...broken])('%s has a finding of its rule, and each finding shows its line', (name, { text }) => {
    const { findings } = readFiles({ [name]: text });
    expect(findings.map(({ rule }) => rule)).toContain(ruleOf(name));
    for (const { excerpt } of findings) expect(excerpt).toMatch(/\n *\^$/);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|4711/);
  });
});

describe('its nearest neighbour that keeps it', () => {
  it.each([...valid])('%s has no finding of its rule, and no error', (name, { text }) => {
    const findings = readFiles({ [name]: text }).findings.filter(
      ({ rule, level }) => rule === ruleOf(name) || level === 'error',
    );
    expect(findings).toEqual([]);
  });
});

describe('every rule over one file or manifest', () => {
  it.each(manifestRules)('%s is shown in both directions', (rule) => {
    const elsewhere = ELSEWHERE[rule];
    if (elsewhere === undefined) {
      expect([...broken.keys()].map(ruleOf)).toContain(rule);
      expect([...valid.keys()].map(ruleOf)).toContain(rule);
      return;
    }
    for (const [file, name] of [elsewhere.breaks, elsewhere.keeps]) {
      const text = readFileSync(`${root}test/reconciler/${file}`, 'utf8');
      const names = [...text.matchAll(/\bit(?:\.each\([\s\S]*?\))?\(\s*'([^'\n]+)'/g)].map(
        ([, each]) => each,
      );
      expect(
        names.some((each) => each?.startsWith(name) === true),
        `${file} has no test ${name}`,
      ).toBe(true);
    }
  });

  it('is known by the files that are named after it', () => {
    const files = [...broken.keys(), ...valid.keys(), ...Object.keys(ELSEWHERE)];
    expect(files.filter((file) => !manifestRules.includes(ruleOf(file)))).toEqual([]);
  });
});

/** Findings with their lines, as somebody reads them. */
function written(name: string, text: string): string {
  return readFiles({ [name]: text })
    .findings.map(({ line, column, level, rule, message, hint, excerpt = '' }) =>
      [
        `${line}:${column} ${level} ${rule}: ${message}`,
        ...excerpt.split('\n').map((each) => `  | ${each}`),
        ...(hint === undefined ? [] : [`  hint: ${hint}`]),
      ].join('\n'),
    )
    .map((each) => `${each}\n`)
    .join('\n');
}

function filesIn(folder: string): ReadonlyMap<string, { readonly text: string; readonly url: URL }> {
  const url = new URL(folder, import.meta.url);
  return new Map(
    readdirSync(url)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => {
        const file = new URL(name, url);
        return [name, { text: readFileSync(file, 'utf8'), url: file }];
      }),
  );
}
