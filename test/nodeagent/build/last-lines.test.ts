import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LastLines, secretBodies } from '../../../nodeagent/build/last-lines.ts';

function reading(secrets: readonly string[] = []) {
  const printed: string[] = [];
  const lines = new LastLines((text) => void printed.push(text), secrets);
  const stream = lines.stream();
  return { lines, printed, write: (text: string) => stream.write(Buffer.from(text)), end: stream.end };
}

describe('LastLines', () => {
  it('keeps the last 20 lines, and passes all of them on', () => {
    const { lines, printed, write, end } = reading();
    write(Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join(''));
    end();

    expect(lines.lines).toHaveLength(20);
    expect(lines.lines.at(0)).toBe('line 30');
    expect(lines.lines.at(-1)).toBe('line 49');
    expect(printed).toHaveLength(50);
  });

  it('puts together what comes in pieces, characters of several bytes too', () => {
    const { lines, end } = reading();
    const stream = lines.stream();
    for (const byte of Buffer.from('größer\nohne Ende')) stream.write(Buffer.from([byte]));
    stream.end();
    end();

    expect(lines.lines).toEqual(['größer', 'ohne Ende']);
  });

  it('keeps two streams apart', () => {
    const { lines } = reading();
    const [one, other] = [lines.stream(), lines.stream()];
    one.write(Buffer.from('from one'));
    other.write(Buffer.from('from the other\n'));
    one.end();

    expect(lines.lines).toEqual(['from the other', 'from one']);
  });

  it('leaves a secret out of what it keeps, what it passes on, and the first error', () => {
    const secret = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7';
    const { lines, printed, write } = reading(
      secretBodies(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`),
    );
    write(`error: ${secret} is odd\n`);

    const line = 'error: (left out) is odd';
    expect([lines.lines, printed, lines.firstError]).toEqual([[line], [`${line}\n`], line]);
  });

  it.each([8, 13, 64, 76, 500])('leaves it out when its lines are made %i characters long', (columns) => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const body = secretBodies(privateKey).join('');
    expect(body.length).toBeGreaterThan(1500);
    const { lines, printed, write, end } = reading([body]);
    write(body.replaceAll(new RegExp(`.{1,${columns}}`, 'g'), '+ echo $&;\n'));
    end();

    const all = [...printed, ...lines.lines].join('\n');
    const told = Array.from({ length: body.length - 8 }, (_, at) => body.slice(at, at + 8));
    expect(told.filter((part) => all.includes(part))).toEqual([]);
  });

  it('holds no more of a line that never ends than it keeps', () => {
    const { lines, write, end } = reading();
    for (let index = 0; index < 100; index++) write('x'.repeat(100_000));
    end();

    expect(lines.lines).toHaveLength(1);
    expect(lines.lines[0]).toHaveLength(300);
  });

  it('stops passing on what never ends, and still keeps its end', () => {
    const { lines, printed, write } = reading();
    for (let index = 0; index < 60_000; index++) write(`${index} ${'x'.repeat(100)}\n`);

    expect(printed.join('').length).toBeLessThan(4_500_000);
    expect(printed.at(-1)).toBe('… all that follows is left out.\n');
    expect(lines.lines.at(-1)).toMatch(/^59999 /);
  });

  it('writes out what would move the cursor of a terminal', () => {
    const { lines, write } = reading();
    write('\u001b[2Jcleared\n');

    expect(lines.lines).toEqual(['\\u{1b}[2Jcleared']);
  });

  it('knows the first error of a compiler, and a full disk', () => {
    const { lines, write } = reading();
    write('a.c:3:1: warning: odd\na.c:4:2: error: unknown type name ‘foo’\nb.c:1:1: error: later\n');
    expect(lines.firstError).toBe('a.c:4:2: error: unknown type name ‘foo’');
    expect(lines.isDiskFull).toBe(false);

    write('/tmp/ccX.s: fatal error: error writing: No space left on device\n');
    expect(lines.isDiskFull).toBe(true);
  });
});
