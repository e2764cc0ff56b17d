import { record, records } from '../core/kube/json.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { Installation, InstallationOptions } from './installation.ts';

type Asked = Pick<InstallationOptions, 'planner' | 'schedule' | 'pullSecret' | 'secret'>;

/** What an installation has by an option that is not given any more, in words. Nothing keeps options but who gives them. */
export function lostOptions(
  { planner, schedule, pullSecret, secret }: Asked,
  { names }: Pick<Installation, 'names'>,
  installed: readonly KubeObject[],
): readonly string[] {
  const one = (kind: string, name: string) =>
    installed.find((object) => object.kind === kind && object.metadata.name === name);
  const { serviceAccount: process } = names.reconciler;
  const cron = one('CronJob', process);
  const stays = one('Deployment', process);
  const cronSpec = record(cron?.['spec']);
  const before = cronSpec['schedule'];
  const notes: string[] = [];
  if (!planner && one('Deployment', names.planner.serviceAccount) !== undefined) {
    notes.push(lost('--planner', 'the planner of pull requests goes'));
  }
  if (cron !== undefined && schedule === undefined) {
    notes.push(lost('--serverless', 'a process that stays takes the place of the CronJob'));
  } else if (typeof before === 'string' && before !== schedule) {
    notes.push(`Passes were made at ${before}, and are made at ${schedule} from now on.`);
  }
  const agents = podOf(record(one('DaemonSet', names.agent.serviceAccount)?.['spec']));
  const pulled = records(agents['imagePullSecrets'])[0]?.['name'];
  if (typeof pulled === 'string' && pullSecret === undefined) {
    notes.push(lost(`--pull-secret ${pulled}`, 'the image is pulled without a Secret'));
  }
  const pod =
    stays === undefined
      ? podOf(record(record(cronSpec['jobTemplate'])['spec']))
      : podOf(record(stays['spec']));
  const files = records(pod['volumes']).find(({ name }) => name === 'secret');
  const had = record(files?.['secret'])['secretName'];
  if (typeof had === 'string' && secret === undefined && had !== `${names.name}-credentials`) {
    notes.push(lost(`--secret ${had}`, `the files are taken from Secret ${names.name}-credentials`));
  }
  return notes;
}

function lost(option: string, what: string): string {
  return `${option} was given before and is not now: ${what}. Install with the same options to keep it.`;
}

function podOf(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return record(record(spec['template'])['spec']);
}
