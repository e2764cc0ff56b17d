import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../reconciler/core/review/answers.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { Answering, type LeftAnswers } from '../../../reconciler/review/answering.ts';
import { ForgeError } from '../../../reconciler/world/forge/errors.ts';
import { ApiError } from '../../../reconciler/world/kubeapi/errors.ts';
import { ToldForge } from '../unattended/told-forge.ts';

const BASE = 'b'.repeat(40) as CommitSha;
const SLOW = new ApiError('API_TIMEOUT', 'The API server did not answer in time.');

/** A command on a pull request, whose answer comes from `answer`. */
function asking(answer: () => Promise<Answer | undefined>) {
  const forge = new ToldForge();
  const warnings: object[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (fields: object, message: string) => void warnings.push({ ...fields, message }),
  };
  const answering = new Answering({ forge: forge.port, log, cluster: 'production', answers: { answer } });
  const comment = forge.add('mate', '/weka-gitops explain node/one');
  const given = { command: { verb: 'explain', target: 'node/one' } as const, comment };
  const pullRequest = forge.merged('c'.repeat(40) as CommitSha);
  const left: LeftAnswers = { unsaid: new Map(), failures: new Map() };
  const about = { pullRequest, result: { result: 'untouched', base: BASE } as const, left };
  const ask = () => answering.answer(given, about, new AbortController().signal);
  const said = () => forge.comments.filter(({ author }) => author === 'robot').map(({ text }) => text);
  return { forge, warnings, left, ask, said };
}

describe('the answer to a command', () => {
  it('is that it was refused, where it fails again and again of what time should mend', async () => {
    let tries = 0;
    const { ask, said, left } = asking(() => {
      tries += 1;
      return Promise.reject(SLOW);
    });
    for (let n = 0; n < 5; n++) expect(await ask()).toBe(SLOW);
    expect(said()).toEqual([]);
    expect(await ask()).toBeUndefined();
    expect(tries).toBe(5);
    expect(said()).toEqual([expect.stringContaining('did not answer in time')]);
    expect([left.unsaid.size, left.failures.size]).toEqual([0, 0]);
  });

  it('is given up where the forge goes on refusing it, and what was done for it is not done again', async () => {
    let done = 0;
    const { forge, ask, said, warnings, left } = asking(() => {
      done += 1;
      return Promise.resolve({ to: 'explain', result: 'refused', why: 'There is no such node.' });
    });
    const error = new ForgeError('FORGE_REJECTED', 'The comment is not taken.', { status: 422 });
    forge.fault = (method) => (method === 'comment' ? { error } : undefined);
    for (let n = 0; n < 4; n++) expect(await ask()).toBe(error);
    expect(await ask()).toBeUndefined();
    expect([done, said()]).toEqual([1, []]);
    expect(warnings).toMatchObject([{ code: 'FORGE_REJECTED', comment: 1 }]);
    expect([left.unsaid.size, left.failures.size]).toEqual([0, 0]);
  });

  it('waits with everything else for a forge that cannot be reached', async () => {
    const { forge, ask, said } = asking(() =>
      Promise.resolve({ to: 'explain', result: 'refused', why: 'There is no such node.' }),
    );
    const error = new ForgeError('FORGE_UNREACHABLE', 'The forge cannot be reached.');
    forge.fault = () => ({ error });
    for (let n = 0; n < 10; n++) await expect(ask()).rejects.toBe(error);
    forge.fault = () => undefined;
    expect(await ask()).toBeUndefined();
    expect(said()).toEqual([expect.stringContaining('no such node')]);
  });
});
