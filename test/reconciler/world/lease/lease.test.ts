import { describe, expect, it, onTestFinished } from 'vitest';
import type { LeaseLostError } from '../../../../reconciler/world/lease/errors.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { STOP_WITHIN_MS } from '../../../../reconciler/world/stop-deadline.ts';
import { until } from '../../../cluster/until.ts';
import { aToken, complaint } from '../kubeapi/fixture.ts';
import { aContender, annotate, asked, freeLease, heldBySomebody, NAME, written } from './fixture.ts';

const control = await sharedCluster();

describe('a lease that nobody holds', () => {
  it('is made and held, and its record says by whom and for how long', async () => {
    const namespace = await control.namespace();
    const clock = { now: () => new Date('2026-11-25T12:00:00.123Z') };
    const one = await aContender(control, namespace, { identity: 'pod-a', clock });
    expect(one.lease.isHeld()).toBe(false);
    await one.acquire();

    expect(one.lease.isHeld()).toBe(true);
    expect(one.lease.term).toBe(1);
    expect(one.lease.identity).toMatch(/^pod-a_[0-9a-f]{8}$/);
    expect(await written(control, namespace)).toEqual({
      holderIdentity: one.lease.identity,
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-25T12:00:00.123000Z',
      renewTime: '2026-11-25T12:00:00.123000Z',
      leaseTransitions: 1,
    });
  });

  it('is made with its namespace where that is missing', async () => {
    const base = await control.namespace();
    const namespace = `${base}-system`;
    onTestFinished(() => control.deleteNamespace(namespace));
    // Rights of a namespace are not there before it is: whoever makes it has them everywhere.
    const { token, username } = await aToken(control, base);
    const everywhere = [
      ['clusterrole', base, '--verb=get,create,update', '--resource=leases.coordination.k8s.io,namespaces'],
      ['clusterrolebinding', base, `--clusterrole=${base}`, `--user=${username}`],
    ];
    onTestFinished(
      async () => void (await control.kubectl(['delete', 'clusterrole,clusterrolebinding', base])),
    );
    for (const args of everywhere) await control.kubectl(['create', ...args]);
    const one = await aContender(control, namespace, { token });
    await until('the rights count', () => one.acquire().then(() => true));
    expect((await written(control, namespace)).holderIdentity).toBe(one.lease.identity);
  });

  it('goes to one of ten that want it at the same moment', async () => {
    const namespace = await control.namespace();
    await freeLease(control, namespace);
    const all = await Promise.all(Array.from({ length: 10 }, () => aContender(control, namespace)));
    for (const one of all) one.wait();
    await until('one has it', () => all.some(({ lease }) => lease.isHeld()));
    await Promise.all(all.filter(({ lease }) => !lease.isHeld()).map(({ time }) => time.asleep(1)));

    const holders = all.filter(({ lease }) => lease.isHeld());
    expect(holders).toHaveLength(1);
    expect((await written(control, namespace)).holderIdentity).toBe(holders[0]?.lease.identity);
  });
});

describe('a lease that is held', () => {
  it('costs one request every five seconds', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    const before = asked(one).length;
    for (let renewals = 1; renewals <= 12; renewals++) {
      await one.time.asleep(2);
      one.time.pass(5_000);
      await until('it is renewed', () => asked(one).length === before + renewals);
    }

    expect(asked(one).slice(before)).toEqual(Array.from({ length: 12 }, () => 'PUT'));
    expect(one.lease.isHeld()).toBe(true);
    expect(one.lease.term).toBe(1);
  });

  it('is taken over at once when it is given back', async () => {
    const namespace = await control.namespace();
    const [one, other] = [await aContender(control, namespace), await aContender(control, namespace)];
    await one.acquire();
    const { acquired } = other.wait();
    await other.time.asleep(1);
    expect(other.lease.isHeld()).toBe(false);
    expect(other.lease.rival).toBe(one.lease.identity);

    await one.lease.release();
    expect(one.lease.isHeld()).toBe(false);
    expect((await written(control, namespace)).holderIdentity).toBeUndefined();
    expect(other.time.passToNext()).toBeLessThanOrEqual(2_500);
    await acquired;
    expect(other.lease.term).toBe(2);
    expect(other.lease.rival).toBeUndefined();
    expect(other.log).toEqual(['info Waiting for the lease', 'info Acquired the lease']);
  });

  it.each([
    { what: 'of ten years ago', renewTime: '2016-11-25T12:00:00.000000Z' },
    { what: 'ten years ahead', renewTime: '2036-11-25T12:00:00.000000Z' },
  ])(
    'is taken over after it was seen unchanged for long enough, even with a time $what in it',
    async ({ renewTime }) => {
      const namespace = await control.namespace();
      await heldBySomebody(control, namespace, { renewTime });
      const one = await aContender(control, namespace);
      const { acquired } = one.wait();
      let waited = 0;
      while (!one.lease.isHeld()) {
        await until('a look is over', async () => {
          await Promise.race([acquired, one.time.asleep(1)]);
          return true;
        });
        if (!one.lease.isHeld()) waited += one.time.passToNext();
      }

      expect(waited).toBe(20_000);
      expect(one.lease.term).toBe(8);
    },
  );

  it('is waited for anew after each sign of life', async () => {
    const namespace = await control.namespace();
    await heldBySomebody(control, namespace);
    const one = await aContender(control, namespace);
    const { acquired } = one.wait();
    await one.time.asleep(1);
    for (const mark of ['first', 'second']) {
      await annotate(control, namespace, mark);
      one.time.pass(19_000);
      await one.time.asleep(1);
      expect(one.lease.isHeld()).toBe(false);
    }
    one.time.pass(20_000);
    await acquired;
  });

  it('is waited for as long as its holder has written', async () => {
    const namespace = await control.namespace();
    await heldBySomebody(control, namespace, { leaseDurationSeconds: 60 });
    const one = await aContender(control, namespace);
    const { acquired } = one.wait();
    await one.time.asleep(1);
    one.time.pass(79_000);
    await one.time.asleep(1);
    expect(one.lease.isHeld()).toBe(false);
    one.time.pass(1_000);
    await acquired;
  });

  it('is not taken from under a holder by one that came after it was deleted', async () => {
    const namespace = await control.namespace();
    const [one, fresh] = [await aContender(control, namespace), await aContender(control, namespace)];
    await one.acquire();
    await control.kubectl(['delete', 'lease', NAME, '-n', namespace]);
    const { acquired } = fresh.wait();
    await fresh.time.asleep(1);
    expect(one.lease.isHeld()).toBe(true);
    expect(fresh.lease.isHeld()).toBe(false);

    one.time.pass(10_000);
    expect(one.lease.isHeld()).toBe(false);
    fresh.time.pass(20_000);
    await acquired;
    expect(fresh.lease.isHeld()).toBe(true);
  });

  it('is refused to one that does not stay, as soon as its holder is heard of', async () => {
    const namespace = await control.namespace();
    const [one, other] = [await aContender(control, namespace), await aContender(control, namespace)];
    await one.acquire();
    const asking = other.lease.acquireUnlessHeld(new AbortController().signal);
    const refused = complaint(() => asking);
    await other.time.asleep(1);
    const before = (await written(control, namespace)).renewTime;
    one.time.pass(5_000);
    await until('a renewal', async () => (await written(control, namespace)).renewTime !== before);
    other.time.passToNext();
    expect(await refused).toContain(`LEASE_HELD: ${one.lease.identity} is at work on this installation`);
    expect(other.lease.isHeld()).toBe(false);
  });

  it('goes to one that does not stay, where its holder is never heard of again', async () => {
    const namespace = await control.namespace();
    await heldBySomebody(control, namespace);
    const one = await aContender(control, namespace);
    const asking = one.lease.acquireUnlessHeld(new AbortController().signal);
    await one.time.asleep(1);
    one.time.pass(20_000);
    await asking;
    expect(one.lease.isHeld()).toBe(true);
  });

  it('is not stolen by deleting it', async () => {
    const namespace = await control.namespace();
    const [one, other] = [await aContender(control, namespace), await aContender(control, namespace)];
    await one.acquire();
    const { acquired } = other.wait();
    await other.time.asleep(1);
    await control.kubectl(['delete', 'lease', NAME, '-n', namespace]);
    other.time.pass(5_000);
    await other.time.asleep(1);
    expect(other.lease.isHeld()).toBe(false);

    one.time.pass(5_000);
    await until('the holder notices', () => !one.lease.isHeld());
    expect(one.log).toContain('warn Lost the lease: it was deleted');
    other.time.pass(20_000);
    await acquired;
    expect(other.lease.term).toBe(2);
  });

  it('stays held when its clock jumps by years, either way', async () => {
    const namespace = await control.namespace();
    let now = new Date('2026-11-25T12:00:00Z');
    const one = await aContender(control, namespace, { clock: { now: () => now } });
    const other = await aContender(control, namespace, { clock: { now: () => now } });
    await one.acquire();
    other.wait();
    await other.time.asleep(1);
    for (const jump of ['2036-01-01T00:00:00Z', '1999-01-01T00:00:00Z', '2026-11-25T12:00:05Z']) {
      now = new Date(jump);
      const before = asked(one).length;
      await one.time.asleep(2);
      one.time.pass(5_000);
      await until('it is renewed', () => asked(one).length > before);
      await one.time.asleep(2);
      other.time.pass(5_000);
      await other.time.asleep(1);
      expect([one.lease.isHeld(), other.lease.isHeld()]).toEqual([true, false]);
    }
  });

  it('is never held by two, even where one clock runs at twice the rate of the other', async () => {
    const namespace = await control.namespace();
    const [slow, fast] = [await aContender(control, namespace), await aContender(control, namespace)];
    await slow.acquire();
    fast.wait();
    await fast.time.asleep(1);
    await slow.server.refuseConnections();

    let lostAt = 0;
    let takenAt = 0;
    for (let at = 250; takenAt === 0; at += 250) {
      slow.time.pass(250);
      fast.time.pass(500);
      await until('a look is over', async () => {
        if (!fast.lease.isHeld())
          await Promise.race([fast.time.asleep(1), until('', () => fast.lease.isHeld())]);
        return true;
      });
      expect(slow.lease.isHeld() && fast.lease.isHeld()).toBe(false);
      if (lostAt === 0 && !slow.lease.isHeld()) lostAt = at;
      if (fast.lease.isHeld()) takenAt = at;
    }
    expect([lostAt, takenAt]).toEqual([10_000, 10_000]);
  });
});

describe('the holder of a lease', () => {
  it('keeps it while the API server is away for less than it lasts', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await one.time.asleep(2);
    await one.server.refuseConnections();
    one.time.pass(5_000);
    await until('it fails', () => one.log.some((line) => line.startsWith('warn Could not renew')));
    for (let tries = 0; tries < 2; tries++) {
      await one.time.asleep(2);
      one.time.passToNext();
    }
    expect(one.lease.isHeld()).toBe(true);

    await one.server.acceptConnections();
    await one.time.asleep(2);
    one.time.passToNext();
    await until('it is renewed', () => one.log.includes('info Renewed the lease again'));
    one.time.pass(4_900);
    expect(one.lease.isHeld()).toBe(true);
    expect(one.log.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('loses it when the API server is away for longer, says so once, and can take it again', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    const lost: LeaseLostError[] = [];
    one.lease.onLost((error) => lost.push(error));
    await one.acquire();
    await one.time.asleep(2);
    await one.server.refuseConnections();
    while (one.lease.isHeld()) {
      await one.time.asleep(2);
      one.time.passToNext();
    }
    await until('it was told', () => lost.length > 0);

    expect(one.time.now()).toBe(10_000);
    expect(lost.map(({ code }) => code)).toEqual(['LEASE_LOST']);
    expect(one.lease.term).toBe(0);
    expect(await complaint(() => one.lease.assertHeld())).toBe(
      `LEASE_LOST: The lease ${namespace}/${NAME} is not held: it could not be renewed in time. Nothing more is written.\n` +
        '  hint: Another instance may be at work by now. This one goes on once it holds the lease again.',
    );

    const { acquired } = one.wait();
    await one.server.acceptConnections();
    await until('it has it again', () => {
      if (!one.lease.isHeld()) one.time.pass(100);
      return one.lease.isHeld();
    });
    await acquired;
    expect(one.lease.term).toBe(2);
    expect(lost).toHaveLength(1);
  });

  it('counts a renewal from when it was sent', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await one.time.asleep(2);
    const stop = one.server.rules.add({ method: 'PUT', fault: { do: 'delay', ms: 300 } });
    const before = asked(one).length;
    one.time.pass(5_000);
    await until('it is under way', () => asked(one).length > before);
    one.time.pass(4_000);
    await one.time.asleep(2);
    stop();
    await one.server.refuseConnections();
    one.time.pass(5_999);
    expect(one.lease.isHeld()).toBe(true);
    one.time.pass(1);
    expect(one.lease.isHeld()).toBe(false);
  });

  it('renews it over another connection when one hangs', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace, { durationMs: 1_500, renewMs: 500 });
    await one.acquire();
    await one.time.asleep(2);
    one.server.rules.add({ method: 'PUT', times: 1, fault: { do: 'hold' } });
    one.time.pass(500);
    await until('it gives up', () => one.log.some((line) => line.startsWith('warn Could not renew')));
    await one.time.asleep(2);
    one.time.passToNext();
    await until('it is renewed', () => one.log.includes('info Renewed the lease again'));
    expect(one.lease.isHeld()).toBe(true);
  });

  it('keeps it when the answer to a renewal is lost', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await one.time.asleep(2);
    one.server.rules.add({ method: 'PUT', times: 1, fault: { do: 'lose' } });
    const before = asked(one).length;
    one.time.pass(5_000);
    await until('it fails', () => one.log.length > 1);
    await one.time.asleep(2);
    one.time.passToNext();
    await until('it is renewed', () => {
      one.time.pass(0);
      return one.log.includes('info Renewed the lease again');
    });
    expect(asked(one).slice(before)).toEqual(['PUT', 'PUT', 'GET', 'PUT']);
  });

  it('keeps it, and what others wrote beside it, when somebody else changes the object', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await annotate(control, namespace, 'kept');
    await one.time.asleep(2);
    one.time.pass(5_000);
    await until('it is renewed', async () => {
      one.time.pass(0);
      const { renewTime, acquireTime } = await written(control, namespace);
      return renewTime !== acquireTime;
    });

    expect(one.lease.isHeld()).toBe(true);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${NAME}`;
    const { metadata } = await control.api.json<{ readonly metadata: object }>('GET', path);
    expect(metadata).toMatchObject({ annotations: { 'example.com/mark': 'kept' } });
    expect(one.log).toEqual(['info Acquired the lease']);
  });

  it('gives way to whoever it finds in the record', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    const taken = JSON.stringify({ spec: { holderIdentity: 'somebody\u001b[2J' } });
    const patch = ['patch', 'lease', NAME, '-n', namespace, '--type', 'merge', '-p', taken];
    expect(await control.kubectl(patch)).toMatchObject({ exitCode: 0 });
    await one.time.asleep(2);
    one.time.pass(5_000);
    await until('it notices', () => !one.lease.isHeld());
    expect(one.log.at(-1)).toBe('warn Lost the lease: somebody\\u{1b}[2J has it');
    expect((await written(control, namespace)).holderIdentity).toBe('somebody\u001b[2J');
  });

  it('gives it back even when a renewal is on its way', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await one.time.asleep(2);
    one.server.rules.add({ method: 'PUT', times: 1, fault: { do: 'delay', ms: 50 } });
    one.time.pass(5_000);
    await until('it is under way', () => asked(one).at(-1) === 'PUT');
    await one.lease.release();
    await until('it is free', async () => (await written(control, namespace)).holderIdentity === undefined);
  });

  it('ends in time without an API server, and says that it could not give it back', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await one.acquire();
    await one.server.refuseConnections();
    await one.lease.release();
    expect(one.lease.isHeld()).toBe(false);
    expect(one.log.at(-1)).toMatch(/^warn Could not release the lease: /);
  });
});

describe('whoever waits for a lease', () => {
  it('goes on waiting while the API server is away, and says so once', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await freeLease(control, namespace);
    await one.server.refuseConnections();
    const { acquired } = one.wait();
    for (let looks = 0; looks < 3; looks++) {
      await one.time.asleep(1);
      one.time.passToNext();
    }
    await one.server.acceptConnections();
    await until('it has it', () => {
      if (!one.lease.isHeld()) one.time.pass(100);
      return one.lease.isHeld();
    });
    await acquired;
    expect(one.log).toEqual([
      expect.stringMatching(/^warn Could not look at the lease: The API server at /),
      'info Acquired the lease',
    ]);
  });

  it('stops when it is told to', async () => {
    const namespace = await control.namespace();
    await heldBySomebody(control, namespace);
    const one = await aContender(control, namespace);
    const { acquired, stop } = one.wait();
    await one.time.asleep(1);
    stop.abort(new Error('enough'));
    await expect(acquired).rejects.toThrow('enough');
    expect((await written(control, namespace)).holderIdentity).toBe('somebody');
  });

  it('gives back what it gets after it was told to stop', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await freeLease(control, namespace);
    one.server.rules.add({ method: 'PUT', times: 1, fault: { do: 'delay', ms: 100 } });
    const { acquired, stop } = one.wait();
    await until('it is under way', () => asked(one).at(-1) === 'PUT');
    stop.abort(new Error('enough'));
    await expect(acquired).rejects.toThrow('enough');
    expect((await written(control, namespace)).holderIdentity).toBeUndefined();
  });

  it('does not wait for the answer to its last try beyond what a stop may take', async () => {
    const namespace = await control.namespace();
    const one = await aContender(control, namespace);
    await freeLease(control, namespace);
    one.server.rules.add({ method: 'PUT', fault: { do: 'hold' } });
    const { acquired, stop } = one.wait();
    await until('it is under way', () => asked(one).at(-1) === 'PUT');
    const start = performance.now();
    stop.abort(new Error('enough'));
    one.time.pass(STOP_WITHIN_MS);
    await expect(acquired).rejects.toThrow('enough');
    // Its own patience is ten seconds of the machine's time.
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(one.lease.isHeld()).toBe(false);
  });

  it('is told which rights it lacks', async () => {
    const namespace = await control.namespace();
    const { token, username } = await aToken(control, namespace);
    const one = await aContender(control, namespace, { token });
    expect(await complaint(() => one.acquire())).toBe(
      `LEASE_FORBIDDEN: The lease ${namespace}/${NAME} cannot be had: ${username} may not get leases in namespace ${namespace}.\n` +
        `  hint: Bind the account to a Role in namespace ${namespace} with the rule ` +
        '{apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"]}.',
    );
  });
});
