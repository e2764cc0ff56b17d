import { EXTERNAL_LISTS } from '../../../../schemas/settings.ts';
import { isRecord, record, records } from '../../kube/json.ts';
import { quoted } from '../../spec/text.ts';
import { cronFault, isTimeZone } from '../policy/cron-shape.ts';
import type { SpecProblem } from '../spec-rule.ts';

/** A name as Kubernetes takes it, between the slashes of `namespace/name`. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

type Fault = Pick<SpecProblem, 'path' | 'message'> & { readonly hint: string };

/** Settings whose form is right and which can name nothing: objects outside the repository, and windows that never open. */
export function* settingsFaults(spec: unknown): Iterable<Fault> {
  const { external, windows } = record(spec);
  for (const field of EXTERNAL_LISTS) {
    const entries = isRecord(external) ? external[field] : undefined;
    for (const [index, entry] of (Array.isArray(entries) ? entries : []).entries()) {
      const [namespace = '', name = '', ...rest] = String(entry).split('/');
      // What is no namespace/name at all is for the schema to say.
      if (name === '' || rest.length > 0 || (NAMESPACE.test(namespace) && NAME.test(name))) continue;
      yield {
        path: ['spec', 'external', field, index],
        message: `${quoted(String(entry))} can be no object of Kubernetes: names have small letters, digits and dashes.`,
        hint: 'Write namespace/name as the cluster has them.',
      };
    }
  }
  for (const [index, window] of records(windows).entries())
    yield* windowFaults(window, ['spec', 'windows', index]);
}

function* windowFaults(
  { schedule, duration, timeZone }: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): Iterable<Fault> {
  const fault = typeof schedule === 'string' ? cronFault(schedule) : undefined;
  if (fault !== undefined) {
    yield {
      path: [...path, 'schedule'],
      message: `The schedule ${quoted(String(schedule))} ${fault}, so the window never opens.`,
      hint: 'Write a cron expression such as 0 22 * * 5.',
    };
  }
  if (typeof duration === 'string' && /\d/.test(duration) && !/[1-9]/.test(duration)) {
    yield {
      path: [...path, 'duration'],
      message: `A window of ${duration} closes when it opens, so what it allows never runs.`,
      hint: 'Set duration to the time that work may take, such as 8h.',
    };
  }
  if (typeof timeZone === 'string' && !isTimeZone(timeZone)) {
    yield {
      path: [...path, 'timeZone'],
      message: `${quoted(timeZone)} is no time zone.`,
      hint: 'Write an IANA name such as Europe/Berlin or UTC.',
    };
  }
}
