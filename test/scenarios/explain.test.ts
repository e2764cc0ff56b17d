import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Explanation } from '../../schemas/output/explanation.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { runGit } from '../support/git-command.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap, deployment, wekaContainer } from '../support/manifests.ts';

const cluster = await sharedCluster();
const folder = await scratchFolder(afterAll);

/** What explain says, as machines read it; its schema is the one that is published. */
async function explained(
  installation: Pick<Installation, 'run'>,
  ...args: readonly string[]
): Promise<Explanation> {
  const { stdout, stderr } = await installation.run('explain', '--output', 'json', ...args);
  if (stdout === '') throw new Error(stderr);
  return Explanation.parse(JSON.parse(stdout));
}

/** `a.yaml:6 Subject`, for each line that says something. */
function lines({ written, fields }: Explanation): readonly string[] {
  return [...written, ...fields.flatMap((field) => field.written)].map(
    ({ file, line, commit, uncommitted, older }) =>
      `${file}:${line} ${commit?.subject ?? (uncommitted === true ? 'not committed yet' : (older ?? '-'))}`,
  );
}

async function kubectl(...args: readonly string[]): Promise<void> {
  const { stderr, exitCode } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

describe('an object', () => {
  it('in sync is told with the commit of its manifest and all who manage it', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    await repository.commit(
      { 'a.yaml': deployment(namespace, 'a') },
      { message: 'Begin', author: 'Grace <g@x.com>' },
    );
    await repository.commit({ 'b.yaml': configMap(namespace, 'b') }, { message: 'Something else' });
    await run('reconcile');

    const seen = await explained(installation, `deployment/${namespace}/a`);
    expect(seen).toMatchObject({
      target: `apps/v1/Deployment/${namespace}/a`,
      state: 'in-sync',
      fields: [],
      waitsFor: [],
      written: [{ file: 'a.yaml', line: 1, commit: { author: 'Grace', subject: 'Begin' } }],
      toChange: ['Edit a.yaml:1 to ask for something else.'],
    });
    expect(seen.owners).toContainEqual(
      expect.objectContaining({ manager: 'weka-gitops', operation: 'Apply', ours: true }),
    );
    const text = await run('explain', `deployment/${namespace}/a`);
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toContain(`apps/v1/Deployment/${namespace}/a: in sync`);
    expect(text.stdout).toMatch(/[0-9a-f]{7} {2}Grace, .* UTC: Begin/);
  });

  it('that somebody edited is told field by field: line, commit, manager, and what the plan makes of it', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run, json } = installation;
    await repository.commit({ 'a.yaml': deployment(namespace, 'a', { replicas: 1 }) }, { message: 'Begin' });
    await repository.commit(
      { 'a.yaml': deployment(namespace, 'a', { replicas: 2 }) },
      { message: 'Run two' },
    );
    await run('reconcile');
    await kubectl(
      'patch',
      'deployment',
      'a',
      '-n',
      namespace,
      '--field-manager=kubectl-edit',
      '-p',
      '{"spec":{"replicas":5}}',
    );
    // What the plan stops of them is told by how many there are.
    await until('its pods are made', async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/a`;
      const { status } = await cluster.api.json<{ status?: { replicas?: number } }>('GET', path);
      return status?.replicas === 5;
    });

    const seen = await explained(installation, `deployment/${namespace}/a`);
    expect(seen.state).toBe('will-be-changed');
    expect(seen.fields).toMatchObject([
      {
        path: 'spec.replicas',
        from: 5,
        to: 2,
        state: 'differs',
        why: 'we had set it, and kubectl-edit changed it since',
        written: [{ file: 'a.yaml', line: 7, text: '  replicas: 2', commit: { subject: 'Run two' } }],
        owners: [{ manager: 'kubectl-edit', operation: 'Update', ours: false }],
      },
    ]);
    const { changes } = await json('plan');
    expect(seen.change).toEqual(changes.find(({ target }) => target === seen.target));
    expect(seen.toChange).toEqual([
      'Run weka-gitops reconcile, and it is as the manifest says.',
      'Edit a.yaml:7 to keep what the cluster has.',
      'Stop kubectl-edit from setting spec.replicas.',
    ]);

    const field = await explained(installation, `deployment/${namespace}/a`, 'spec.replicas');
    expect(field).toMatchObject({ field: 'spec.replicas', state: 'will-be-changed', fields: seen.fields });
    expect(field.toChange).toEqual(seen.toChange);
    const image = await explained(
      installation,
      `deploy/${namespace}/a`,
      'spec.template.spec.containers[app].image',
    );
    expect(image.fields).toMatchObject([
      {
        path: 'spec.template.spec.containers[name=app].image',
        state: 'same',
        owners: [{ manager: 'weka-gitops' }],
      },
    ]);
    expect(image).toMatchObject({
      state: 'in-sync',
      toChange: ['Edit a.yaml:16 to ask for something else.'],
    });
    expect(lines(image)).toEqual(['a.yaml:16 Begin']);
    const strategy = await explained(installation, `deploy/${namespace}/a`, 'spec.strategy.type');
    expect(strategy.fields).toMatchObject([
      { from: 'RollingUpdate', state: 'not-asked-for', written: [], owners: [] },
    ]);
    expect(strategy).toMatchObject({ state: 'not-ours', toChange: ['Add it to the manifest, a.yaml:1.'] });
  });

  it('that is not there yet, one that waits, and one whose manifest has an error say what comes first', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace } = installation;
    await repository.commit(
      {
        'app.yaml': deployment(namespace, 'app', { configMap: 'wrong' }),
        'wrong.yaml': configMap(namespace, 'wrong').replace('"data"', '"dtaa"'),
        'new.yaml': configMap(namespace, 'new'),
      },
      { message: 'Begin' },
    );
    expect(await explained(installation, `cm/${namespace}/new`)).toMatchObject({
      state: 'will-be-created',
      owners: [],
    });
    const waiting = await explained(installation, `deployment/${namespace}/app`);
    expect(waiting).toMatchObject({
      state: 'waits',
      now: [expect.stringContaining(`It needs v1/ConfigMap/${namespace}/wrong, whose manifest has an error`)],
      waitsFor: [
        {
          target: `v1/ConfigMap/${namespace}/wrong`,
          why: expect.stringMatching(/^its manifest has an error \(wrong\.yaml:1\): "dtaa"/),
        },
      ],
    });
    expect(await explained(installation, `cm/${namespace}/wrong`)).toMatchObject({
      state: 'broken',
      toChange: [expect.stringMatching(/^Mend wrong\.yaml:8: "dtaa" .*Did you mean data\?$/)],
    });
  });

  it('that needs what the API server would not take waits as in the plan, although only these two are tried', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, json } = installation;
    await kubectl('create', 'quota', 'none', '-n', namespace, '--hard=count/configmaps=0');
    await until('the quota is counted', async () => {
      const path = 'jsonpath={.status.hard}';
      const { stdout } = await cluster.kubectl(['get', 'quota', 'none', '-n', namespace, '-o', path]);
      return stdout !== '';
    });
    await repository.commit({
      'app.yaml': deployment(namespace, 'app', { configMap: 'used' }),
      'used.yaml': configMap(namespace, 'used'),
    });
    const seen = await explained(installation, `deployment/${namespace}/app`);
    expect(seen).toMatchObject({
      state: 'waits',
      waitsFor: [
        { target: `v1/ConfigMap/${namespace}/used`, why: expect.stringContaining('exceeded quota') },
      ],
    });
    const { changes } = await json('plan');
    expect(seen.change).toEqual(changes.find(({ target }) => target === seen.target));
  });

  it('that is refused for another manager says who, where, and the three ways out', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace } = installation;
    await cluster.kubectl(['apply', '--server-side', '--field-manager=other-tool', '-f', '-'], {
      input: configMap(namespace, 'a', { k: 'theirs' }),
    });
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: 'ours' }) }, { message: 'Begin' });
    const seen = await explained(installation, `configmap/${namespace}/a`);
    expect(seen).toMatchObject({
      state: 'refused',
      now: [expect.stringContaining('Another manager owns data.k (set by other-tool)'), expect.any(String)],
      fields: [
        {
          path: 'data.k',
          from: 'theirs',
          to: 'ours',
          owners: [{ manager: 'other-tool', operation: 'Apply' }],
        },
      ],
      toChange: [
        'Take data.k out of a.yaml:9 to leave it to whoever manages it.',
        'Stop other-tool from setting data.k.',
        'Set spec.conflicts: force in Settings to take it over.',
      ],
    });
  });

  it('that will be pruned says which commit took its manifest away, and how to have it back', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    await repository.commit({
      'all.yaml': [configMap(namespace, 'a'), configMap(namespace, 'b'), configMap(namespace, 'c')].join(
        '\n---\n',
      ),
    });
    await run('reconcile');
    const before = (await repository.resolve('main'))!;
    await repository.commit(
      { 'all.yaml': [configMap(namespace, 'a'), configMap(namespace, 'c')].join('\n---\n') },
      { message: 'Drop b' },
    );
    await repository.commit({ 'README.md': 'x\n' }, { message: 'Tell of it' });
    expect(await explained(installation, `cm/${namespace}/b`)).toMatchObject({
      state: 'will-be-pruned',
      written: [],
      removed: { file: 'all.yaml', commit: { subject: 'Drop b' } },
      toChange: [`Restore its manifest to keep it: git show ${before.slice(0, 7)}:all.yaml`],
    });
  });

  it('of somebody else is told as theirs, and one that is nowhere ends with the nearest name', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'site', { k: 'v' }) });
    await kubectl('create', 'configmap', 'theirs', '-n', namespace, '--from-literal=x=1');
    expect(await explained(installation, `cm/${namespace}/theirs`)).toMatchObject({
      state: 'not-ours',
      owners: [{ manager: 'kubectl-create', operation: 'Update' }],
    });
    for (const [target, field, said] of [
      [`cm/${namespace}/siet`, '', `Did you mean v1/ConfigMap/${namespace}/site?`],
      [`cm/${namespace}/site`, 'data.kk', 'Did you mean data.k?'],
      ['node/nowhere-at-all', '', 'There is no node nowhere-at-all.'],
      ['drive/NOSUCH', '', 'No node says that it has a drive NOSUCH'],
    ] as const) {
      const ran = await run('explain', target, ...(field === '' ? [] : [field]));
      expect(ran.stderr).toContain(said);
      expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    }
  });

  it('that is in no file that can be read names the files that cannot be', async () => {
    const { repository, namespace, run } = await anInstallation(cluster);
    await repository.commit({ 'a.yaml': 'kind: [\n', 'b.yaml': configMap(namespace, 'b') });
    const { stderr, exitCode } = await run('explain', `cm/${namespace}/a`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('What cannot be read may hold it: a.yaml:');
  });

  it('that is a Secret, or looks like one, is told without any value', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    const secret = 'hunter2-hunter2';
    await repository.commit(
      { 'a.yaml': configMap(namespace, 'a', { DB_PASSWORD: secret, PLAIN: 'shown' }) },
      { message: `Rotate --password=${secret} at https://jane:${secret}@db/x` },
    );
    await run('reconcile');
    await kubectl('create', 'secret', 'generic', 's', '-n', namespace, `--from-literal=k=${secret}`);
    const outputs = ['text', 'json', 'markdown'];
    const asked = [
      [`cm/${namespace}/a`, 'data'],
      [`cm/${namespace}/a`, 'data.DB_PASSWORD'],
      [`secret/${namespace}/s`],
      [`secret/${namespace}/s`, 'data.k'],
    ];
    for (const args of asked) {
      for (const output of outputs) {
        const { stdout, exitCode } = await run('explain', '--output', output, ...args);
        expect(exitCode).toBe(0);
        expect(stdout).not.toContain(secret);
        expect(stdout).not.toContain(Buffer.from(secret).toString('base64'));
      }
    }
    expect((await run('explain', `cm/${namespace}/a`, 'data.PLAIN')).stdout).toContain('shown');
  });
});

describe('a folder that is not committed yet', () => {
  it('is told line by line: what is committed by its commit, the rest as not committed', async () => {
    const installation = await anInstallation(cluster);
    const { namespace } = installation;
    const tree = join(folder, `tree-${randomBytes(3).toString('hex')}`);
    await mkdir(tree);
    await writeFile(join(tree, 'a.yaml'), deployment(namespace, 'a', { replicas: 1 }));
    await runGit(tree, ['init', '--quiet', '--initial-branch=main']);
    await runGit(tree, ['add', '.']);
    await runGit(tree, ['commit', '--quiet', '--message', 'Begin']);
    await writeFile(join(tree, 'a.yaml'), deployment(namespace, 'a', { replicas: 4 }));
    const target = ['--worktree', tree, `deployment/${namespace}/a`];
    expect(lines(await explained(installation, ...target, 'spec.replicas'))).toEqual([
      'a.yaml:7 not committed yet',
    ]);
    expect(lines(await explained(installation, ...target))).toEqual(['a.yaml:1 Begin']);
  });
});

describe('what kustomize builds', () => {
  it('leads to the line that somebody wrote, and names the kustomization', async () => {
    const installation = await anInstallation(cluster, { config: { kustomize: cluster.address.kubectl } });
    const { repository, namespace } = installation;
    await repository.commit(
      {
        'base/kustomization.yaml': 'resources: [a.yaml]\nlabels:\n  - pairs: { team: storage }\n',
        'base/a.yaml': deployment(namespace, 'a', { replicas: 2 }),
      },
      { message: 'Begin' },
    );
    const replicas = await explained(installation, `deployment/${namespace}/a`, 'spec.replicas');
    expect(replicas.fields[0]?.written).toMatchObject([{ file: 'base/a.yaml', line: 7, builtIn: 'base' }]);
    expect(lines(replicas)).toEqual(['base/a.yaml:7 Begin']);
    const label = await explained(installation, `deployment/${namespace}/a`, 'metadata.labels.team');
    expect(label.fields).toMatchObject([
      {
        to: 'storage',
        written: [{ what: 'metadata.labels.team, as kustomize renders it', builtIn: 'base' }],
      },
    ]);
  });
});

describe('a container of WEKA', () => {
  async function classes(): Promise<void> {
    const input = ['weka-targeted-no-evict', 'weka-initial-no-evict']
      .map((name) =>
        JSON.stringify({
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: { name },
          value: 1000,
        }),
      )
      .join('\n---\n');
    await cluster.kubectl(['apply', '-f', '-'], { input });
  }

  it('is told with its anchor and its pod, and the pod with the fields of the manifest that decide it', async () => {
    await classes();
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    const [node] = await cluster.addNodes([{ name: `explained-${randomBytes(3).toString('hex')}` }]);
    onTestFinished(() => void cluster.kubectl(['delete', 'node', node!]));
    const manifest = JSON.stringify(
      JSON.parse(wekaContainer(namespace, 'dist', { nodeAffinity: node })),
      null,
      1,
    );
    await repository.commit({ 'dist.yaml': manifest }, { message: 'Serve drivers' });
    await run('reconcile');
    await until('the pod has its node', async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'pod',
        'dist',
        '-n',
        namespace,
        '-o',
        'jsonpath={.spec.nodeName}',
      ]);
      return stdout === node;
    });

    const seen = await explained(installation, `wekacontainer/${namespace}/dist`);
    expect(seen.target).toBe(`weka.weka.io/v1alpha1/WekaContainer/${namespace}/dist`);
    expect(seen.now).toContainEqual(
      `Its pod is on ${node}: its manifest names that node. It stays there while the node is there.`,
    );
    expect(seen.related.map(({ target }) => target)).toEqual([
      `v1/ConfigMap/${namespace}/weka-wekacontainer-dist`,
      `v1/Secret/${namespace}/dist-tls`,
      `v1/Secret/${namespace}/dist-upload`,
      `v1/ConfigMap/${namespace}/dist-in-use`,
      `v1/Pod/${namespace}/dist`,
    ]);
    expect(lines(seen)).toEqual([
      'dist.yaml:1 Serve drivers',
      expect.stringMatching(/^dist\.yaml:\d+ Serve drivers$/),
    ]);

    const image = await explained(
      installation,
      `pod/${namespace}/dist`,
      'spec.containers[weka-container].image',
    );
    expect(image.fields[0]?.written).toMatchObject([
      { what: 'spec.image', commit: { subject: 'Serve drivers' } },
    ]);

    const written = await explained(installation, `wekacontainer/${namespace}/dist`, 'spec.image');
    expect(written.fields).toMatchObject([
      { path: 'spec.image', to: 'quay.io/weka.io/weka-in-container:4.4.5' },
    ]);
    expect(written.related).toContainEqual({
      target: `v1/Pod/${namespace}/dist`,
      why: 'has it in spec.containers[name=weka-container].image',
    });

    const onNode = await explained(installation, `node/${node}`);
    expect(onNode).toMatchObject({
      state: 'in-service',
      related: [{ target: `v1/Pod/${namespace}/dist`, why: 'its manifest names this node (dist.yaml:1)' }],
    });
    expect(onNode.facts).toContainEqual({
      name: 'Huge pages',
      value: '0 of 16,384 pages of 2 MiB asked for by pods',
    });
  });

  it('that finds no node says which reason each has, and the smallest change', async () => {
    await classes();
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', { nodeSelector: { [`only/${namespace}`]: 'yes' } }),
    });
    await cluster.addNodes(1);
    await run('reconcile');
    const seen = await explained(installation, `wekacontainer/${namespace}/dist`);
    expect(seen.state).toBe('waits');
    expect(seen.now.filter((each) => each.includes('finds no node'))).toEqual([
      expect.stringMatching(new RegExp(`^It waits\\. dist finds no node: .* no label only/${namespace}=yes`)),
    ]);
    expect(seen.toChange[0]).toMatch(new RegExp(`^Label .* with only/${namespace}=yes, or add a node with`));
  });
});

describe('a node and its drives', () => {
  it('say who cordoned it, which drives it has, and who wrote that', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, run } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    const name = `driven-${randomBytes(3).toString('hex')}`;
    const [free, blocked] = [`S-${name}-1`, `S-${name}-2`];
    await cluster.addNodes([{ name }]);
    onTestFinished(() => void cluster.kubectl(['delete', 'node', name]));
    await kubectl(
      'annotate',
      'node',
      name,
      '--field-manager=signer',
      `weka.io/weka-drives=${JSON.stringify([free, blocked])}`,
    );
    await kubectl(
      'annotate',
      'node',
      name,
      '--field-manager=blocker',
      `weka.io/blocked-drives=${JSON.stringify([blocked])}`,
    );
    await kubectl('cordon', name);

    const seen = await explained(installation, `node/${name}`);
    expect(seen).toMatchObject({
      target: `node/${name}`,
      state: 'out-of-service',
      toChange: [`Run kubectl uncordon ${name}.`],
    });
    expect(seen.facts).toContainEqual({ name: 'Drives', value: `${free} (free), ${blocked} (blocked)` });
    expect(
      seen.fields.map(({ path, owners }) => `${path}: ${owners.map(({ manager }) => manager).join()}`),
    ).toEqual([
      'spec.unschedulable: kubectl',
      'metadata.annotations["weka.io/blocked-drives"]: blocker',
      'metadata.annotations["weka.io/weka-drives"]: signer',
    ]);

    const drive = await explained(installation, `drive/${blocked.toLowerCase()}`);
    expect(drive).toMatchObject({ target: `drive/${blocked}`, state: 'blocked' });
    expect(drive.related).toEqual([{ target: `node/${name}`, why: 'has it' }]);
    expect(await explained(installation, `drive/${free}`)).toMatchObject({ state: 'free' });
    const near = await run('explain', `drive/S-${name}-3`);
    expect(near.stderr).toContain(`Did you mean drive/S-${name}-`);
  });
});
