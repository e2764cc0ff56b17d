import type { KubeObject } from '../kube/object.ts';
import { condition, current, failed, messageOf, numberAt, of, progressing, spec, status } from './fields.ts';
import type { Health } from './health.ts';

/** A Job is well when it is through: what waits for it waits until then. */
export function jobHealth(object: KubeObject): Health {
  const wrong = condition(object, 'Failed');
  if (wrong?.status === 'True') return failed(messageOf(wrong, 'It failed'));
  if (condition(object, 'Complete')?.status === 'True') return current('It is complete');
  if (spec(object)['suspend'] === true) return current('It is suspended');
  const seen = status(object);
  if (seen['startTime'] === undefined) return progressing('It has not started yet');
  const wanted = numberAt(spec(object), 'completions') ?? 1;
  const failures = numberAt(seen, 'failed') ?? 0;
  const words = `${of(numberAt(seen, 'succeeded') ?? 0, wanted, 'run')} succeeded`;
  return progressing(failures === 0 ? words : `${words}, ${failures} failed`);
}
