import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingsAnnotations } from '../../../../reconciler/core/report/annotations.ts';
import { findingsOutput } from '../../../../reconciler/core/report/json.ts';
import type { Finding } from '../../../../reconciler/core/spec/finding.ts';
import { aFinding } from './samples.ts';

function annotations(findings: readonly Finding[]): string {
  return findingsAnnotations(findingsOutput(findings, { files: 1, documents: 2 }));
}

/** As GitHub's runner reads a line: https://github.com/actions/toolkit, `command.ts` turned round. */
function command(line: string) {
  const [, name, properties = '', message = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const plain = (text: string): string =>
    text.replace(/%(0D|0A|3A|2C|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const pairs = properties.split(',').map((pair) => pair.split('=').map(plain));
  return { name, properties: Object.fromEntries(pairs) as Record<string, string>, message: plain(message) };
}

describe('annotations for GitHub', () => {
  it('say level, place, rule and what to do, errors first', () => {
    const ignored = aFinding({
      level: 'ignored',
      rule: 'ignored-field',
      file: 'a.yaml',
      message: 'It is ignored.',
    });
    const { hint: _hint, ...plain } = ignored;
    expect(annotations([plain, aFinding()])).toBe(
      '::error file=weka/web.yaml,line=12,col=3,title=weka-gitops%3A unknown-field::' +
        'Deployment has no field spec.replicass.%0Ahint: Did you mean replicas?\n' +
        '::notice file=a.yaml,line=12,col=3,title=weka-gitops%3A ignored-field::It is ignored.\n' +
        '2 objects in 1 file: 1 error, 1 ignored field.\n',
    );
  });

  it('escape what would end a property or a line', () => {
    const line = annotations([aFinding({ file: 'a, b:c%0A.yaml', message: '100%\n::error::x' })]).split(
      '\n',
    )[0]!;
    expect(line).toContain('file=a%2C b%3Ac%250A.yaml,line=12');
    expect(command(line)).toEqual({
      name: 'error',
      properties: { file: 'a, b:c%0A.yaml', line: '12', col: '3', title: 'weka-gitops: unknown-field' },
      message: '100% ::error::x\nhint: Did you mean replicas?',
    });
  });

  it('let nothing from a manifest begin a command of its own', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '::',
        '::error::',
        '\n',
        '\r',
        '\r\n',
        '%0A',
        '%',
        ',',
        '##[error]',
        '\u2028',
        '\u0085',
        'file=',
        '\u001b[',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, text, text, (file, rule, message, hint) => {
        const said = annotations([aFinding({ file, rule, message, hint })]);
        const lines = said.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
        expect(lines).toHaveLength(3);
        expect(lines.slice(1)).toEqual(['2 objects in 1 file: 1 error.', '']);
        const { name, properties } = command(lines[0]!);
        expect(name).toBe('error');
        expect(Object.keys(properties)).toEqual(['file', 'line', 'col', 'title']);
        expect(properties).toMatchObject({ line: '12', col: '3' });
      }),
      { numRuns: 1000 },
    );
  });
});
