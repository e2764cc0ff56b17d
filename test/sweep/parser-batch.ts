import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { FindingOutput } from '../../schemas/output/finding.ts';
import { lint } from '../../reconciler/core/lint/lint.ts';
import { parseSpecs } from '../../reconciler/core/spec/parse.ts';
import { yamlTexts } from '../tools/yaml/texts.ts';

/** A batch of inputs of one family. */
export interface Order {
  readonly family: string;
  readonly runs: number;
  readonly seed: number;
  /** What one input may take. */
  readonly maxMs: number;
}

/** What became of one batch of inputs. */
export interface Report {
  readonly inputs: number;
  readonly slowestMs: number;
  readonly faults: readonly string[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const VALID = globSync(
  ['examples-repo/**/*.yaml', 'test/reconciler/core/{spec,spec/each-rule,lint}/{broken,valid}/*.{yaml,json}'],
  {
    cwd: root,
  },
)
  .sort()
  .map((file) => readFileSync(`${root}/${file}`));

// prettier-ignore
const PIECES = [
  ':', ': ', '- ', '\n', '\r', '\t', '  ', '{', '}', '[', ']', '"', "'", '&x ', '*x', '<<: *x\n', '#', '|', '>', '!', '!!binary ',
  '---\n', '...\n', '? ', '%', '\0', '😀', '\ufeff', '\u2028', 'null', 'yes', '0777', '1e3', '1e400', '__proto__: ', 'constructor: ',
  'kind: List\nitems:\n', 'kind: Secret\n', 'metadata:\n', 'apiVersion: weka-gitops.dev/v1\nkind: Settings\n',
].map((piece) => Buffer.from(piece));

const where = fc.double({ min: 0, max: 1, noNaN: true });
const slips = fc
  .tuple(
    fc.constantFrom(...VALID),
    fc.array(
      fc.tuple(where, fc.nat(12), fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 3 }))),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([valid, edits]) =>
    edits.reduce<Uint8Array>((now, [at, cut, piece]) => {
      const from = Math.floor(at * now.length);
      return Buffer.concat([now.subarray(0, from), piece, now.subarray(from + cut)]);
    }, valid),
  );
const encoded = (text: string): Uint8Array => Buffer.from(text);
const huge = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES, ...VALID), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1000, max: 1_050_000 }),
  )
  .map(([pieces, size]) => {
    const one = Buffer.concat(pieces);
    return Buffer.alloc(size, one);
  });

const FAMILIES: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 200 }).map(encoded),
  ),
  slips,
  yaml: yamlTexts.map(encoded),
  huge,
};

const GOOD = {
  path: 'good.yaml',
  content: encoded('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: beside-it, namespace: weka }\n'),
};

/** What is wrong with how the parser takes one file. */
function faultOf(content: Uint8Array): string | undefined {
  try {
    const files = [{ path: 'a.yaml', content }, GOOD];
    const parsed = parseSpecs(files, { kinds: [], systemNamespace: 'weka-gitops-system' });
    const { specs, findings } = lint(parsed);
    for (const finding of findings) FindingOutput.parse(finding);
    const isRead = specs.some(({ source }) => source.startsWith('good.yaml'));
    // Settings in the input may forbid the other object, which is told there.
    const isTold = findings.some(({ file }) => file === 'good.yaml');
    return isRead || isTold ? undefined : 'the other file is lost';
  } catch (error) {
    return String(error);
  }
}

function sweep({ family, runs, seed, maxMs }: Order): Report {
  const faults: string[] = [];
  let slowestMs = 0;
  const shown = (content: Uint8Array): string => Buffer.from(content).toString('base64').slice(0, 4000);
  // In small portions: a batch of huge inputs need not be there at once.
  for (let done = 0; done < runs; done += 20) {
    for (const content of fc.sample(FAMILIES[family]!, {
      numRuns: Math.min(20, runs - done),
      seed: seed + done * 1009,
    })) {
      // Of the processor, so that other programs on the machine do not count.
      const before = process.cpuUsage();
      const fault = faultOf(content);
      const { user, system } = process.cpuUsage(before);
      const ms = (user + system) / 1000;
      slowestMs = Math.max(slowestMs, ms);
      if (fault !== undefined) faults.push(`${fault}: ${shown(content)}`);
      else if (ms > maxMs) faults.push(`took ${Math.round(ms)} ms: ${shown(content)}`);
    }
  }
  return { inputs: runs, slowestMs, faults };
}

process.send?.(sweep(JSON.parse(process.argv[2] ?? '') as Order));
