import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../schemas/output/plan.ts';
import type { Report } from '../../schemas/output/report.ts';
import type { Status } from '../../schemas/output/status.ts';
import type { Result } from '../cluster/run.ts';
import { HAND_EDITS, type Push, PUSHES, SUSPENDED_FOR } from './deeds.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const WIDTH = 100;
const STATUS = 'weka-gitops/status/demo';

/** The whole story, step by step, on a stage that is set. */
export async function tell(stage: Stage, narrator: Narrator): Promise<void> {
  const story = new Story(stage, narrator);
  await story.firstApply();
  await story.changedField();
  await story.handEdits();
  await story.prune();
  await story.brokenManifest();
  await story.statusBranch();
  await story.unattended();
}

class Story {
  readonly #stage: Stage;
  readonly #narrator: Narrator;

  constructor(stage: Stage, narrator: Narrator) {
    this.#stage = stage;
    this.#narrator = narrator;
  }

  async firstApply(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('A push becomes objects in the cluster');
    await this.#push(PUSHES.hall);
    const plan = await this.#run('plan');
    check('plan exits 1: there is something to do', plan.exitCode === 1);
    const pass = await this.#run('reconcile');
    check('reconcile exits 0: all that was asked for is done', pass.exitCode === 0);
    say('The scheduler and the simulated nodes take a moment …');
    await this.#stage.until('every object is ready', async () => {
      const status = await this.#json<Status>('status');
      return status.objects.length > 0 && status.objects.every(({ state }) => state === 'current');
    });
    const status = await this.#run('status');
    check('status exits 0: the cluster is as the repository says', status.exitCode === 0);
    await this.#kubectl(['get', 'pods', '--all-namespaces', '--output', 'wide']);
    await this.#nothingToDo();
  }

  async changedField(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('A push changes one field');
    say('Somebody wants three exporters in place of two.');
    await this.#push(PUSHES.threeExporters);
    await this.#run('plan');
    const { changes } = await this.#json<Plan>('plan');
    const changed = changes.filter(({ op }) => op !== 'keep');
    check(
      'the plan shows this field of this object, and nothing else',
      changed.length === 1 &&
        changed[0]?.target === EXPORTER &&
        JSON.stringify(changed[0].fields) === JSON.stringify([{ path: 'spec.replicas', from: 2, to: 3 }]),
    );
    const pass = await this.#run('reconcile');
    check('reconcile exits 0', pass.exitCode === 0);
    check(
      'the Deployment runs three',
      (await this.#field('deployment/exporter', '{.spec.replicas}')) === '3',
    );
  }

  async handEdits(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('Somebody edits an object by hand, and deletes another');
    await this.#kubectl(HAND_EDITS.oneExporter);
    await this.#kubectl(HAND_EDITS.noService);
    await this.#run('plan');
    const { changes } = await this.#json<Plan>('plan');
    const drift = changes.find(({ target }) => target === EXPORTER);
    check('the plan calls it drift, and names who did it', drift?.flags.includes('drift') === true);
    check(
      'the plan makes the Service again',
      changes.some(({ op, target }) => op === 'create' && target === SERVICE),
    );
    const pass = await this.#run('reconcile');
    check('reconcile exits 0', pass.exitCode === 0);
    check(
      'the Deployment runs three again',
      (await this.#field('deployment/exporter', '{.spec.replicas}')) === '3',
    );
    check('the Service is back', await this.#exists('service/weka-drivers-dist', 'weka'));
    await this.#nothingToDo();
    say('Nobody had to be asked: Settings say drift: correct. With drift: report it would only be told.');
  }

  async prune(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('A push removes a file, and another one empties the repository');
    await this.#push(PUSHES.noReport);
    await this.#run('plan');
    const pass = await this.#run('reconcile');
    check('reconcile exits 0', pass.exitCode === 0);
    check('the CronJob is gone', !(await this.#exists('cronjob/capacity-report')));
    check('its ConfigMap is gone', !(await this.#exists('configmap/capacity-report')));

    say('Now a mistake: everything is removed.');
    await this.#push(PUSHES.tidyUp);
    const emptied = await this.#run('reconcile');
    const report = await this.#json<Plan>('plan');
    check('reconcile exits 1: this wants a person', emptied.exitCode === 1);
    check('it says why', report.pruneBlocked?.includes('asks for no object') === true);
    check('nothing was pruned', report.summary.prune === 0 && (await this.#exists('deployment/exporter')));
    await this.#stage.git(['revert', '--no-edit', 'HEAD']);
    await this.#pushCommits();
    await this.#nothingToDo();
  }

  async brokenManifest(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('A push with a broken manifest');
    say(
      'A typing error in one object, a good change of another, and an object that is taken out, all at once.',
    );
    await this.#push(PUSHES.broken);
    const validate = await this.#run('validate', ['.']);
    check(
      'validate exits 1, and shows the place',
      validate.exitCode === 1 && validate.stdout.includes('monitoring/exporter.yaml:'),
    );
    const pass = await this.#run('reconcile', ['--output', 'text']);
    check('reconcile exits 1', pass.exitCode === 1);
    const told = await this.#json<Report | Plan>('plan');
    const [finding] = told.findings;
    check(
      'the finding has file, line and column, and the right name',
      finding?.file === 'monitoring/exporter.yaml' &&
        finding.line > 1 &&
        finding.hint?.includes('replicas') === true,
    );
    const data = await this.#field('configmap/exporter', '{.data.export\\.yaml}');
    check('the good change is applied', data.includes('interval: 30'));
    check(
      'the broken object is as it was',
      (await this.#field('deployment/exporter', '{.spec.replicas}')) === '3',
    );
    check('nothing is pruned meanwhile', await this.#exists('networkpolicy/weka-drivers-dist', 'weka'));

    say('Mended:');
    await this.#push(PUSHES.mended);
    const mended = await this.#run('reconcile');
    check('reconcile exits 0', mended.exitCode === 0);
    check(
      'now the NetworkPolicy is pruned',
      !(await this.#exists('networkpolicy/weka-drivers-dist', 'weka')),
    );
  }

  async statusBranch(): Promise<void> {
    const { step, check } = bound(this.#narrator);
    step('The status branch holds what happened');
    await this.#stage.git(['fetch', '--quiet', 'origin', STATUS]);
    await this.#git(['log', '--oneline', 'FETCH_HEAD']);
    await this.#git(['show', '--stat', '--format=medium', 'FETCH_HEAD']);
    const files = (await this.#stage.git(['ls-tree', '-r', '--name-only', 'FETCH_HEAD'])).split('\n');
    check('it holds README.md', files.includes('README.md'));
    check('it holds status.json', files.includes('status.json'));
    check(
      'it holds a history',
      files.some((file) => file.startsWith('history/')),
    );
    await this.#git(['show', 'FETCH_HEAD:README.md']);
    const status = JSON.parse(await this.#stage.git(['show', 'FETCH_HEAD:status.json'])) as Status;
    const head = await this.#stage.git(['rev-parse', 'HEAD']);
    check('it tells of the last commit', status.commit === head && status.clean);
  }

  async unattended(): Promise<void> {
    const { say, step, check } = bound(this.#narrator);
    step('Nobody has to run anything');
    say('One process polls the repository, watches the cluster, and does all of the above by itself.');
    this.#narrator.command('weka-gitops run &');
    const process = this.#stage.start(['run']);
    await this.#push(PUSHES.fourExporters);
    const replicas = (count: string) => async () =>
      (await this.#field('deployment/exporter', '{.spec.replicas}')) === count;
    await this.#stage.until('four exporters', replicas('4'));
    check('the push is applied', await replicas('4')());

    await this.#kubectl(HAND_EDITS.oneExporter);
    await this.#stage.until('the correction', replicas('4'));
    check('the hand edit is set right', await replicas('4')());

    say('A brake that needs no git:');
    await this.#run('suspend', ['--reason', SUSPENDED_FOR]);
    await this.#kubectl(HAND_EDITS.oneExporter);
    const plan = await this.#run('plan');
    check('the plan says that nothing is written, and why', plan.stdout.includes(SUSPENDED_FOR));
    check('the hand edit stays', await replicas('1')());
    await this.#run('resume');
    await this.#stage.until('the correction', replicas('4'));
    check('it is set right once the brake is off', await replicas('4')());

    this.#narrator.command('kill %1');
    const { exitCode, log } = await process.stop();
    this.#narrator.output(log.split('\n').slice(-4).join('\n'));
    check('it ends with 0, and its lease is free', exitCode === 0 && (await this.#leaseHolder()) === '');
  }

  async #leaseHolder(): Promise<string> {
    return await this.#field('lease/weka-gitops', '{.spec.holderIdentity}', 'weka-gitops-system');
  }

  async #nothingToDo(): Promise<void> {
    const plan = await this.#run('plan');
    this.#narrator.check('plan exits 0: there is nothing to do', plan.exitCode === 0);
  }

  /** Runs weka-gitops and shows it. */
  async #run(verb: string, args: readonly string[] = []): Promise<Result> {
    this.#narrator.command(['weka-gitops', verb, ...args].map(quoted).join(' '));
    const result = await this.#stage.wekaGitops([verb, ...args], WIDTH);
    this.#narrator.output(result.stdout + result.stderr);
    return result;
  }

  /** What weka-gitops says to machines; for checks, so it is not shown. */
  async #json<Shape>(verb: string): Promise<Shape> {
    const { stdout, stderr } = await this.#stage.wekaGitops([verb, '--output', 'json'], WIDTH);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Shape;
  }

  async #kubectl(args: readonly string[]): Promise<void> {
    this.#narrator.command(`kubectl ${args.map(quoted).join(' ')}`);
    const { stdout, stderr } = await this.#stage.controlPlane.kubectl(args);
    this.#narrator.output(stdout + stderr);
  }

  async #git(args: readonly string[]): Promise<void> {
    this.#narrator.command(`git ${args.map(quoted).join(' ')}`);
    this.#narrator.output(await this.#stage.git(args));
  }

  /** Changes the files, commits and pushes. */
  async #push({ message, edits = [], removes = [] }: Push): Promise<void> {
    for (const { file, from, to } of edits) await this.#edit(file, from, to);
    await this.#remove(removes);
    await this.#stage.git(['add', '--all']);
    await this.#stage.git(['commit', '--quiet', '--message', message]);
    await this.#pushCommits();
  }

  async #pushCommits(): Promise<void> {
    await this.#stage.git(['push', '--quiet', 'origin', 'main']);
    this.#narrator.command('git push');
    this.#narrator.output(await this.#stage.git(['log', '-1', '--stat', '--format=%h %s']));
  }

  async #edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.#stage.clone, file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not hold ${JSON.stringify(from)}.`);
    await writeFile(path, text.replace(from, to));
  }

  async #remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(join(this.#stage.clone, path), { recursive: true });
  }

  async #exists(object: string, namespace = 'weka-monitoring'): Promise<boolean> {
    const args = ['get', object, '--namespace', namespace, '--ignore-not-found', '--output', 'name'];
    const { stdout, exitCode, stderr } = await this.#stage.controlPlane.kubectl(args);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout !== '';
  }

  async #field(object: string, path: string, namespace = 'weka-monitoring'): Promise<string> {
    const args = ['get', object, '--namespace', namespace, '--output', `jsonpath=${path}`];
    return (await this.#stage.controlPlane.kubectl(args)).stdout;
  }
}

const EXPORTER = 'apps/v1/Deployment/weka-monitoring/exporter';
const SERVICE = 'v1/Service/weka/weka-drivers-dist';

function bound(narrator: Narrator) {
  return {
    say: narrator.say.bind(narrator),
    step: narrator.step.bind(narrator),
    check: narrator.check.bind(narrator),
  };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
