import { describe, expect, it } from 'vitest';
import { cluster, handMade, image, policy, PUBLIC, settings } from './build-manifests.ts';
import { aPackage, has, KERNEL, node, published, says, target, withPolicy, World } from './build-world.ts';
import { asked, cellsOf, podsOf } from './decision-words.ts';

describe('a build that nobody has yet', () => {
  it('is fetched from the registry of Settings into the service', () => {
    const world = withPolicy();
    world.registry = () => has();
    const decision = world.decide();
    expect(cellsOf(decision)).toEqual([
      `fetching 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(podsOf(decision)).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers`]);
    expect(decision.pods[0]).toMatchObject({ url: `${PUBLIC}/dist/v1/drivers/${aPackage().file}` });
    expect(decision.lock.packages).toEqual([]);
    expect(asked(decision)).toEqual({});
  });

  it('is built where the registry has none, on a node with that kernel', () => {
    const decision = withPolicy().decide();
    expect(cellsOf(decision)).toEqual([
      `building 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(podsOf(decision)).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers`]);
  });

  it('is built only once the registry has answered, since what it has may be ready', () => {
    const world = withPolicy();
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    const decision = world.apply();
    expect(decision.pods).toEqual([]);
    expect(decision.seen.cells).toMatchObject([
      {
        state: 'missing',
        why: 'It did not answer. Nothing is built while the registry may have it ready.',
        hint: expect.stringContaining('See that the reconciler reaches https://drivers.weka.io'),
      },
    ]);
    world.registry = () => has();
    expect(podsOf(world.decide())).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers`]);
    world.registry = () => ({ state: 'has-not' });
    expect(podsOf(world.decide())).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers`]);
  });

  it('goes on being built where the registry does not answer any more', () => {
    const world = withPolicy();
    world.apply();
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    expect(podsOf(world.decide())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`,
    ]);
  });

  it('for Ubuntu 24 is fetched by the name that others have for it', () => {
    const os = { id: 'ubuntu', versionId: '24.04' };
    const world = withPolicy({ 'node-a': says('node-a', { os }), 'node-b': says('node-b', { os }) });
    const theirs = aPackage({ ...target(), buildId: 'ubuntu24.04' });
    world.registry = (question) =>
      question.target.buildId === 'ubuntu24.04' ? has(theirs) : { state: 'has-not' };
    world.apply();
    world.end('fetch', published(theirs));
    expect(cellsOf(world.apply())).toEqual([
      `pre-built 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(world.intent('node-a')?.drivers?.package).toEqual(theirs);
  });

  it('says so where the registry has other bytes by now than those that are being fetched', () => {
    const world = withPolicy();
    world.registry = () => has();
    world.apply();
    world.registry = () => has(aPackage(target(), 'b'));
    const decision = world.decide();
    expect(decision.seen.cells[0]).toMatchObject({ state: 'changed' });
    expect(decision.pods).toMatchObject([{ package: aPackage() }]);
    expect(podsOf(decision)).toEqual([`fetch 4.4.5/${KERNEL} by WekaPolicy/weka/drivers (stays)`]);
  });

  it('goes on being built when the registry comes to have it', () => {
    const world = withPolicy();
    world.apply();
    world.registry = () => has();
    expect(podsOf(world.decide())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`,
    ]);
  });

  it('is missing where Settings let nothing be built', () => {
    const world = withPolicy();
    world.files['settings.yaml'] = settings({ drivers: { builder: false } });
    const decision = world.decide();
    expect(cellsOf(decision)).toEqual([
      `missing 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a and node-b`,
    ]);
    expect(decision.seen.cells[0]?.hint).toContain('spec.drivers.builder');
    expect(decision.pods).toEqual([]);
  });

  it('is missing where no builder is for that version, and says what to add', () => {
    const files = {
      'cluster.yaml': cluster('demo', '4.4.6'),
      ...handMade({ builder: { image: image('4.4.5') } }),
    };
    const decision = new World(files, { 'node-a': says('node-a') }).decide();
    const missing = decision.seen.cells.find(({ state }) => state === 'missing');
    expect(missing?.why).toContain('No builder makes drivers of 4.4.6 for weka/drivers-dist.');
    expect(missing?.hint).toBe(
      `Add a WekaContainer of mode drivers-builder with image ${image('4.4.6')} and uploadResultsTo: dist.`,
    );
  });

  it('is missing where the nodes that may build lack the headers', () => {
    const world = withPolicy({
      'node-a': says('node-a', { headers: [] }),
      'node-b': says('node-b', { headers: [] }),
    });
    const [cell] = world.decide().seen.cells;
    expect(cell).toMatchObject({ state: 'missing' });
    expect(cell?.why).toContain(`No headers of ${KERNEL} are installed on node-a, node-b`);
    expect(cell?.hint).toBe(`Install them on node-a: apt-get install linux-headers-${KERNEL}`);
  });

  it('is built without headers where a script runs first, which may get them', () => {
    const world = withPolicy({
      'node-a': says('node-a', { headers: [] }),
      'node-b': says('node-b', { headers: [] }),
    });
    world.files['policy.yaml'] = policy('drivers', { builderPreRunScript: 'apt-get install …' });
    expect(podsOf(world.decide())).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers`]);
  });

  it('is built without headers where the settings name an image that has them', () => {
    const world = withPolicy({
      'node-a': says('node-a', { headers: [] }),
      'node-b': says('node-b', { headers: [] }),
    });
    const toolchains = [{ os: 'debian', headersImage: 'registry.local/headers:1' }];
    world.files['settings.yaml'] = settings({ drivers: { toolchains } });
    expect(podsOf(world.decide())).toEqual([`build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers`]);
  });

  it('is built where the headers are', () => {
    const world = withPolicy({ 'node-a': says('node-a', { headers: [] }), 'node-b': says('node-b') });
    expect(podsOf(world.decide())).toEqual([`build 4.4.5/${KERNEL} on node-b by WekaPolicy/weka/drivers`]);
  });

  it('is missing while no node that may build it is ready', () => {
    const world = withPolicy();
    const nodes = ['node-a', 'node-b'].map((name) => node(name, { isReady: false }));
    world.see({ 'node-a': says('node-a'), 'node-b': says('node-b') }, nodes);
    expect(world.decide().seen.cells[0]).toMatchObject({
      state: 'missing',
      why: expect.stringContaining(
        `No node that runs ${KERNEL} and may build is ready: node-a, node-b.`,
      ) as string,
    });
  });

  it('is missing where the policy chooses no node with that kernel, and names those that have it', () => {
    const world = withPolicy();
    world.files['policy.yaml'] = policy('drivers', { nodeSelectors: [{ builds: 'drivers' }] });
    const [cell] = world.decide().seen.cells;
    expect(cell?.state).toBe('missing');
    expect(cell?.why).toContain(`chooses no node that runs ${KERNEL}: node-a, node-b do.`);
  });

  it('is missing where the manifest names no service, and the hint names the one that there is', () => {
    const world = withPolicy();
    world.files['cluster.yaml'] = cluster('demo', '4.4.5', { driversDistService: undefined });
    const [cell] = world.decide().seen.cells;
    expect(cell).toMatchObject({ state: 'missing', service: undefined });
    expect(cell?.hint).toBe(
      'Set spec.driversDistService to https://drivers.weka.io, or to https://drivers-dist.weka.svc.cluster.local:60002.',
    );
  });
});

describe('a service that is none of this cluster', () => {
  const files = { 'cluster.yaml': cluster('demo', '4.4.5', { driversDistService: PUBLIC }) };
  const names = { 'node-a': says('node-a') };

  it('is asked, and nodes have what it has from it, once that is pinned', () => {
    const world = new World(files, names);
    world.registry = () => has();
    const decision = world.decide();
    expect(cellsOf(decision)).toEqual([`pre-built 4.4.5/${KERNEL}/x86_64 at ${PUBLIC} for node-a`]);
    expect(decision.lock.packages).toMatchObject([{ service: PUBLIC, origin: { kind: 'registry' } }]);
    world.apply(decision);
    expect(world.intent('node-a')?.drivers?.from).toEqual([{ url: PUBLIC }]);
  });

  it('is asked for the build of Ubuntu 24 by its own name', () => {
    const world = new World(files, {
      'node-a': says('node-a', { os: { id: 'ubuntu', versionId: '24.04' } }),
    });
    const questions: string[] = [];
    world.registry = (question) => {
      questions.push(`${question.registry} ${question.target.buildId ?? 'none'}`);
      return { state: 'has-not' };
    };
    world.decide();
    expect(questions).toEqual([`${PUBLIC} ubuntu24.04`]);
  });

  it('makes room for a builder of this cluster where it has none, whose build has no such name', () => {
    const world = new World(
      { ...files, 'policy.yaml': policy() },
      { 'node-a': says('node-a', { os: { id: 'ubuntu', versionId: '24.04' } }) },
    );
    const decision = world.apply();
    expect(cellsOf(decision)).toEqual([`building 4.4.5/${KERNEL}/x86_64 at weka/drivers-dist for node-a`]);
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    expect(podsOf(world.decide())).toEqual([
      `build 4.4.5/${KERNEL} on node-a by WekaPolicy/weka/drivers (stays)`,
    ]);
  });

  it('is waited for where it does not answer', () => {
    const world = new World({ ...files, 'policy.yaml': policy() }, names);
    world.registry = () => ({ state: 'unknown', why: 'It did not answer.' });
    const decision = world.decide();
    expect(cellsOf(decision)).toEqual([`missing 4.4.5/${KERNEL}/x86_64 at ${PUBLIC} for node-a`]);
    expect(decision.seen.cells[0]?.why).toBe('It did not answer.');
    expect(decision.pods).toEqual([]);
  });

  it('says what to configure where it has none and nobody builds', () => {
    const [cell] = new World(files, names).decide().seen.cells;
    expect(cell?.why).toBe(
      `${PUBLIC} has no drivers of 4.4.5 for ${KERNEL} (x86_64). No builder makes drivers of 4.4.5 in this cluster.`,
    );
    expect(cell?.hint).toContain('enable-local-drivers-distribution');
  });
});
