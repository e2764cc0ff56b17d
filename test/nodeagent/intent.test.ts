import { describe, expect, it } from 'vitest';
import { intentAnswer, parseIntent } from '../../nodeagent/intent.ts';

const said = (text: unknown) => parseIntent({ data: { 'intent.json': text } });

describe('an intent', () => {
  it('is read, and fields that this version does not know are not gone by', () => {
    const seen = said('{"schemaVersion":1,"generation":4,"later":"x"}');
    expect(seen).toEqual({ state: 'read', intent: { schemaVersion: 1, generation: 4 } });
    expect(intentAnswer(seen)).toEqual({ intentGeneration: 4 });
    expect(intentAnswer({ state: 'none' })).toEqual({ intentGeneration: 0 });
  });

  it.each([
    ['{"schemaVersion":2,"generation":4}', 'The intent is of version 2, and this agent knows version 1.'],
    ['{"schemaVersion":0,"generation":4}', 'The intent is of version 0, and this agent knows version 1.'],
    ['{"schemaVersion":1,"generation":0}', /^The intent is not as this version describes it at generation: /],
    [
      '{"schemaVersion":"1","generation":4}',
      /^The intent is not as this version describes it at schemaVersion: /,
    ],
    ['null', /^The intent is not as this version describes it: /],
    ['{"schema', 'The intent is not JSON.'],
    [7, "The intent's ConfigMap has no intent.json."],
  ])('counts for nothing where it is %s', (text, why) => {
    const seen = said(text);
    expect(seen).toEqual({
      state: 'refused',
      why: typeof why === 'string' ? why : expect.stringMatching(why),
    });
    expect(intentAnswer(seen)).toMatchObject({ intentGeneration: 0 });
  });

  it('counts for nothing where the ConfigMap is empty', () => {
    expect(parseIntent({})).toMatchObject({ state: 'refused' });
  });
});
