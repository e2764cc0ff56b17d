import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../cluster/certificates.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aWorldInChange, calmEnd, hasty, passesUntilCalm, saidBy } from '../support/crash-disturbed.ts';
import { prepareGround } from '../support/crash-trial.ts';
import type { FaultRule } from '../support/fault-rules.ts';
import { startFaultServer } from '../support/fault-server.ts';

const ground = await prepareGround(await sharedCluster());
afterAll(() => ground.server.stop());
const calm = await calmEnd(ground);

/** A world whose only way to the API server leads through a proxy. */
async function behindFaults() {
  const [world, faults, folder] = await Promise.all([
    aWorldInChange(ground),
    startFaultServer(ground.cluster),
    mkdtemp(join(tmpdir(), 'weka-gitops-faults-')),
  ]);
  world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), world.account);
  return {
    world,
    faults,
    folder,
    async [Symbol.asyncDispose]() {
      await Promise.all([faults.stop(), world[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
    },
  };
}

const status = (code: number, reason: string, message: string) => ({
  do: 'answer' as const,
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code },
});
const MADE = { method: 'PATCH', path: /\/configmaps\/made\?/ };
const CHANGED = { method: 'PATCH', path: /\/configmaps\/changed\?/ };
const PRUNED = { method: 'DELETE', path: /\/configmaps\/pruned$/ };
const LIST = { method: 'GET', path: /\/configmaps\?.*labelSelector/ };

interface Case {
  readonly rules: readonly FaultRule[];
  /** Passes until one ends well. */
  readonly passes: number;
  /** In one line of the first pass; unset where the fault is mended within the pass and nobody has to know. */
  readonly says?: RegExp;
  /** Milliseconds a request may take, where the fault is that it takes too long. */
  readonly deadline?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  '409 for a write': {
    rules: [{ ...CHANGED, times: 1, fault: status(409, 'Conflict', 'the object has been modified') }],
    passes: 2,
    says: /API_CONFLICT.*changed/,
  },
  '409 for a deletion, whose object was written to meanwhile': {
    rules: [{ ...PRUNED, times: 1, fault: status(409, 'Conflict', 'the object has been modified') }],
    passes: 1,
  },
  '410 for a page of a list': {
    rules: [{ ...LIST, times: 1, fault: status(410, 'Expired', 'the continue token is too old') }],
    passes: 1,
  },
  '410 for a list each time it is begun': {
    rules: [{ ...LIST, times: 2, fault: status(410, 'Expired', 'the continue token is too old') }],
    passes: 2,
    says: /warn Could not read all objects .*API_GONE.*configmaps/,
  },
  '429 with Retry-After': {
    rules: [
      {
        ...MADE,
        times: 1,
        fault: { ...status(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '1' } },
      },
    ],
    passes: 1,
  },
  '500 for a write': {
    rules: [{ ...MADE, times: 1, fault: status(500, 'InternalError', 'etcd is not well') }],
    passes: 2,
    says: /made.*API_UNAVAILABLE|API_UNAVAILABLE.*made/,
  },
  '500 for a list': {
    rules: [{ ...LIST, times: 1, fault: status(500, 'InternalError', 'etcd is not well') }],
    passes: 1,
  },
  '500 for a list, whatever is tried': {
    rules: [{ ...LIST, times: 4, fault: status(500, 'InternalError', 'etcd is not well') }],
    passes: 2,
    says: /warn Could not read all objects .*API_UNAVAILABLE.*answered 500: etcd is not well/,
  },
  '503 for writes and lists': {
    rules: [MADE, CHANGED, PRUNED, LIST].map((at) => ({
      ...at,
      times: 1,
      fault: status(503, 'ServiceUnavailable', 'shutting down'),
    })),
    passes: 1,
  },
  'a connection that is cut before a write arrives': {
    rules: [{ ...MADE, times: 1, fault: { do: 'drop' } }],
    passes: 2,
    says: /API_UNAVAILABLE: configmaps\/made .*: the connection was cut/,
  },
  'a connection that is cut in the answer to a write': {
    rules: [{ ...CHANGED, times: 1, fault: { do: 'cut', afterBytes: 40 } }],
    passes: 2,
    says: /API_UNAVAILABLE: configmaps\/changed .*: the connection was cut/,
  },
  'a deletion whose answer was lost': {
    rules: [{ ...PRUNED, times: 1, fault: { do: 'lose' } }],
    passes: 2,
    says: /API_UNAVAILABLE: configmaps\/pruned .*: the connection was cut/,
  },
  'a connection that is cut in a list': {
    rules: [{ ...LIST, times: 1, fault: { do: 'cut', afterBytes: 200 } }],
    passes: 1,
  },
  'a list that never ends': {
    rules: [{ ...LIST, times: 1, fault: { do: 'mute', afterBytes: 200 } }],
    passes: 2,
    says: /Could not read all objects .*API_TIMEOUT.*did not answer within 2 s/,
    deadline: 2000,
  },
  'a write that is never answered': {
    rules: [{ ...MADE, times: 1, fault: { do: 'hold' } }],
    passes: 2,
    says: /Could not apply change .*API_TIMEOUT.*made .*did not answer within 2 s/,
    deadline: 2000,
  },
  'a list cut short to valid JSON': {
    rules: [{ ...LIST, times: 1, fault: { do: 'answer', status: 200, body: '{}' } }],
    passes: 2,
    says: /answered the list of configmaps with something else/,
  },
  'a web page in place of an answer': {
    rules: [{ ...LIST, times: 4, fault: { do: 'answer', status: 200, body: '<html>Log in</html>' } }],
    passes: 2,
    says: /did not answer in JSON/,
  },
  'two connections that are cut at once': {
    rules: [
      { method: 'PATCH', times: 1, after: 1, fault: { do: 'drop' } },
      { ...PRUNED, times: 1, fault: { do: 'drop' } },
    ],
    passes: 2,
    says: /the connection was cut/,
  },
};

describe.concurrent('the API server gives', () => {
  it.each(Object.entries(CASES))('%s', async (_name, { rules, passes, says, deadline }) => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const end = await passesUntilCalm(world, calm, {
      disturb: () => rules.map((rule) => faults.rules.add(rule)),
      change: deadline === undefined ? undefined : (program) => hasty(program, deadline),
    });
    expect(end.differences).toEqual([]);
    // A machine that is busy may miss a short deadline once more.
    if (deadline === undefined) expect(end.passes).toHaveLength(passes);
    else expect(end.passes.length).toBeGreaterThanOrEqual(passes);
    const [first] = end.passes;
    if (says !== undefined && first) expect(saidBy(first).join('\n')).toMatch(says);
  });
});

describe.concurrent('the API server', () => {
  it('that asks to wait is not asked again before', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    await passesUntilCalm(world, calm, {
      disturb: () =>
        faults.rules.add({
          ...MADE,
          times: 1,
          fault: { ...status(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '2' } },
        }),
    });
    const [first, second] = faults.requests.filter(({ url }) => MADE.path.test(url)).map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1990);
  });

  it('that is away changes nothing, and is waited for', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: () => faults.refuseConnections(),
      mend: () => faults.acceptConnections(),
    });
    expect(differences).toEqual([]);
    expect(passes.map(({ exitCode }) => exitCode)).toEqual([2, 0]);
    expect(passes[0]?.stderr).toContain('API_UNREACHABLE');
    expect(passes[0]?.stderr).toContain('it refuses connections');
  });

  it('whose name is gone changes nothing, and is waited for', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const good = world.kubeconfig;
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: async () => {
        world.kubeconfig = `${good}.gone`;
        await writeFile(world.kubeconfig, JSON.stringify(kubeconfig('http://api.no-such-name.invalid:6443')));
      },
      mend: () => void (world.kubeconfig = good),
    });
    expect(differences).toEqual([]);
    expect(passes[0]?.stderr).toMatch(/API_UNREACHABLE: .*api\.no-such-name\.invalid.*its name/);
    expect(faults.requests.length).toBeGreaterThan(0);
  });

  it('whose certificate another authority has signed is trusted once we have that authority', async () => {
    await using parts = await behindFaults();
    const { world, faults, folder } = parts;
    const [old, next] = ['Old authority', 'Next authority'].map((name) => CertificateAuthority.create(name));
    const authority = join(folder, 'authority.pem');
    const server = { commonName: 'kube-apiserver', hosts: ['127.0.0.1'] };
    if (old === undefined || next === undefined) throw new Error('Two were made.');
    await writeFile(authority, old.certificate);
    await faults.showCertificate(old.issue(server));
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), { ...world.account, authority });
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: async () => {
        expect((await world.run(['status'])).stderr).toBe('');
        await faults.showCertificate(next.issue(server));
      },
      mend: () => writeFile(authority, next.certificate),
    });
    expect(differences).toEqual([]);
    expect(passes.map(({ exitCode }) => exitCode)).toEqual([2, 0]);
    expect(passes[0]?.stderr).toMatch(
      /API_UNTRUSTED: .* cannot be trusted: its certificate is (not )?signed by/,
    );
  });

  it('whose certificate is rotated in the middle of a pass is trusted in the same pass', async () => {
    await using parts = await behindFaults();
    const { world, faults, folder } = parts;
    const authority = CertificateAuthority.create('Authority');
    const path = join(folder, 'authority.pem');
    const server = { commonName: 'kube-apiserver', hosts: ['127.0.0.1'] };
    await writeFile(path, authority.certificate);
    await faults.showCertificate(authority.issue(server));
    world.kubeconfig = await faults.kubeconfig(join(folder, 'config'), { ...world.account, authority: path });
    faults.rules.add({ ...LIST, times: 1, fault: { do: 'hold' } });
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: () => {
        const held = until('a list under way', () => faults.requests.some(({ fault }) => fault === 'hold'));
        void held.then(() => faults.showCertificate(authority.issue(server)));
      },
    });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
  });

  it('that takes a token no more is asked with a new one', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: () =>
        faults.rules.add({ ...MADE, times: 1, fault: status(401, 'Unauthorized', 'Unauthorized') }),
    });
    expect(differences).toEqual([]);
    expect(passes).toHaveLength(1);
  });

  it('that takes no token of ours is told of, and the next pass goes on', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const good = world.kubeconfig;
    const expired = await faults.kubeconfig(`${good}.expired`, { token: 'expired-secret-7' });
    const { passes, differences } = await passesUntilCalm(world, calm, {
      disturb: () => void (world.kubeconfig = expired),
      mend: () => void (world.kubeconfig = good),
    });
    expect(differences).toEqual([]);
    expect(passes[0]?.stderr).toContain('API_UNAUTHORIZED');
    expect(JSON.stringify(passes)).not.toContain('expired-secret-7');
  });

  it('that shows an old list has nothing deleted for it', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const { cluster, namespace } = world;
    const selector = encodeURIComponent('applyset.kubernetes.io/part-of');
    const old = await cluster.api.text(
      'GET',
      `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${selector}`,
    );
    // Since then somebody took the orphan over: the same name, but another object, and not ours.
    await cluster.kubectl(['delete', 'configmap', 'pruned', '-n', namespace]);
    await cluster.kubectl(['create', 'configmap', 'pruned', '-n', namespace, '--from-literal=mine=1']);
    faults.rules.add({ ...LIST, times: 2, fault: { do: 'answer', status: 200, body: old } });

    const first = await world.run(['reconcile']);
    expect(first.exitCode).toBe(1);
    expect(saidBy(first).join('\n')).toMatch(
      /PRUNE_MISMATCH.*was not deleted: it is another object of the same name/,
    );
    expect((await world.run(['reconcile'])).exitCode).toBe(0);
    const { stdout } = await cluster.kubectl(['get', 'configmap', 'pruned', '-n', namespace, '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ data: { mine: '1' } });
  });

  it('that gives no list is not taken to say that its objects are gone', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    faults.rules.add({ ...LIST, times: 4, fault: status(500, 'InternalError', 'etcd is not well') });
    const { stdout, exitCode } = await world.run(['reconcile']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('etcd is not well');
    expect(stdout).not.toContain('missing');
  });

  it('that shows an empty list has nothing deleted or doubled for it', async () => {
    await using parts = await behindFaults();
    const { world, faults } = parts;
    const empty = { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] };
    const { differences } = await passesUntilCalm(world, calm, {
      disturb: async () => {
        faults.rules.add({ ...LIST, times: 1, fault: { do: 'answer', status: 200, body: empty } });
        await world.run(['reconcile']);
      },
    });
    expect(differences).toEqual([]);
  });
});

function kubeconfig(server: string): object {
  const name = 'gone';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
