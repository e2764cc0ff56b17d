import { describe, expect, it } from 'vitest';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { Outcome, Write } from '../../../../reconciler/core/plan/change.ts';
import type { Log } from '../../../../reconciler/ports.ts';
import { OutcomeLog } from '../../../../reconciler/world/apply/outcome-log.ts';

function logged(outcomes: readonly Outcome[]): readonly string[] {
  const lines: string[] = [];
  const level = (name: string) => (fields: object, message: string) =>
    void lines.push(`${name} ${message} ${JSON.stringify(fields)}`);
  const log: Log = {
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  };
  const told = new OutcomeLog(log);
  for (const outcome of outcomes) told.note(outcome);
  told.end();
  return lines;
}

const change = (name: string) => ({ op: 'create', id: `v1/ConfigMap/n/${name}` as ObjectId }) as Write;
const many = (count: number, outcome: (name: string) => Outcome) =>
  Array.from({ length: count }, (_, index) => outcome(`m-${index}`));

describe('the log of a pass', () => {
  it('has a line for each of a few writes', () => {
    expect(logged(many(2, (name) => ({ change: change(name), result: 'done' })))).toEqual([
      'info Applied change {"id":"v1/ConfigMap/n/m-0","op":"create","result":"done"}',
      'info Applied change {"id":"v1/ConfigMap/n/m-1","op":"create","result":"done"}',
    ]);
  });

  it('leaves the rest of many writes to whoever asks for more', () => {
    const lines = logged(many(1000, (name) => ({ change: change(name), result: 'done' })));
    expect(lines.filter((line) => line.startsWith('info'))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith('debug'))).toHaveLength(990);
  });

  it('has a line for each failure, however many there are', () => {
    const lines = logged(
      many(1000, (name) => ({ change: change(name), result: 'failed', code: 'API_INVALID', why: 'no' })),
    );
    expect(lines.filter((line) => line.startsWith('warn Could not apply change'))).toHaveLength(1000);
  });

  it('has one line for all that is held back for the same reason', () => {
    const held = (why: string) => (name: string) => ({ change: change(name), result: 'held', why }) as const;
    const lines = logged([...many(990, held('one reason')), ...many(1, held('another reason'))]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^warn Held changes back {"why":"one reason","count":990,"ids":\["v1\/ConfigMap/,
    );
    expect(lines[1]).toBe(
      'warn Held changes back {"why":"another reason","count":1,"ids":["v1/ConfigMap/n/m-0"]}',
    );
  });
});
