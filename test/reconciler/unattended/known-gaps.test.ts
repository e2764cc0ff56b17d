import { describe, expect, it } from 'vitest';
import type { GroupKind } from '../../../reconciler/core/kube/object.ts';
import type { Unread } from '../../../reconciler/ports.ts';
import { KnownGaps } from '../../../reconciler/unattended/known-gaps.ts';

function someGaps() {
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const gaps = new KnownGaps({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
  return { gaps, lines };
}

const gap = (kind: string, code = 'API_FORBIDDEN', namespace?: string): Unread => ({
  kind: kind as GroupKind,
  code,
  why: 'no',
  ...(namespace === undefined ? {} : { namespace }),
});

describe('what cannot be read of the cluster', () => {
  it('is known once it was told, for each namespace by itself', () => {
    const { gaps } = someGaps();
    const told = [gap('Pod', 'API_GONE', 'a'), gap('Pod', 'API_GONE', 'b'), gap('Pod', 'API_GONE', 'a')];
    expect(told.map((each) => gaps.isKnown(each))).toEqual([false, false, true]);
  });

  it('is news once for each code, though they take turns', () => {
    const { gaps } = someGaps();
    const codes = ['API_TIMEOUT', 'API_GONE', 'API_TIMEOUT', 'API_GONE'];
    expect(codes.map((code) => gaps.isKnown(gap('Pod', code)))).toEqual([false, false, true, true]);
  });

  it('is told of once when it is over, and is news when it comes again', () => {
    const { gaps, lines } = someGaps();
    gaps.isKnown(gap('Pod', 'API_GONE', 'a'));
    gaps.isKnown(gap('Service'));
    gaps.ended([gap('Service')]);
    gaps.ended([gap('Service')]);
    expect(lines).toEqual(['info Works again {"cause":"unread","kind":"Pod","namespace":"a"}']);
    expect(gaps.isKnown(gap('Pod', 'API_GONE', 'a'))).toBe(false);
    expect(gaps.isKnown(gap('Service'))).toBe(true);
  });
});
