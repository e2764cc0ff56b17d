export interface Family {
  readonly name: string;
  help: string;
  type: string;
  readonly samples: Sample[];
}

export interface Sample {
  /** With `_bucket`, `_sum` or `_count` for a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Reads Prometheus's text format 0.0.4 strictly: what is not by the book is thrown. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const families = new Map<string, Family>();
  let family: Family | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name!)) throw new Error(`${name} is there twice.`);
      family = { name: name!, help: rest!, type: '', samples: [] };
      families.set(name!, family);
    } else if (kind === 'TYPE') {
      if (family?.name !== name) throw new Error(`${name} has a type before its help.`);
      family!.type = rest!;
    } else {
      const sample = parseSample(line);
      const suffix = family?.type === 'histogram' ? /_(bucket|sum|count)$/ : /$^/;
      if (family?.type === '' || sample.name.replace(suffix, '') !== family?.name) {
        throw new Error(`${sample.name} is outside its family.`);
      }
      family.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name, inside = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`No sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const label = LABEL.exec(inside);
    if (label === null) throw new Error(`No labels: ${inside}`);
    labels[label[1]!] = label[2]!;
  }
  return { name, labels, value: value === '+Inf' ? Infinity : Number(value) };
}

/** What promtool's `check metrics` would complain of. */
export function complaints(families: ReadonlyMap<string, Family>): readonly string[] {
  return [...families.values()].flatMap(({ name, help, type, samples }) => {
    const rules: readonly (readonly [boolean, string])[] = [
      [help.trim() === '', 'has no help text'],
      [!['counter', 'gauge', 'histogram', 'summary'].includes(type), 'has no type'],
      [type === 'counter' && !name.endsWith('_total'), 'is a counter that does not end in _total'],
      [type !== 'counter' && name.endsWith('_total'), 'ends in _total and is no counter'],
      [/_(count|sum|bucket)$/.test(name), 'ends as the parts of a histogram do'],
      [/(^|_)(counter|gauge|histogram|summary)(_|$)/.test(name), 'has its type in its name'],
      [/[A-Z]|:/.test(name), 'is not in snake_case'],
      [
        /(^|_)(ms|milliseconds?|minutes?|hours?|days?|kb|mb|kilobytes?|percent)(_|$)/.test(name),
        'is not in a base unit',
      ],
      [/_(second|byte)(_|$)/.test(name), 'has its unit in the singular'],
      [
        samples.some(({ labels }) => Object.keys(labels).some((label) => /[A-Z]|^__/.test(label))),
        'has odd labels',
      ],
      [samples.some(({ value }) => Number.isNaN(value)), 'has a value that is no number'],
    ];
    return rules.filter(([broken]) => broken).map(([, what]) => `${name} ${what}`);
  });
}
