import { isRecord, record, records } from '../../core/kube/json.ts';
import { clip, oneLine } from '../../core/report/plain.ts';
import { type Call, describeTarget, isAboutSecret, targetOf, verbOf } from './call.ts';
import { ApiError, type ApiErrorCode, type FieldConflict } from './errors.ts';

/** What an answer other than 2xx means. `body` is its JSON, or undefined where it was none. */
export function statusError(call: Call, status: number, body: unknown, retryAfterMs?: number): ApiError {
  const failure = readStatus(body);
  const code = codeOf(status, failure, isRecord(body));
  const subject = describeTarget(call.path);
  const details = { status, retryAfterMs };
  switch (code) {
    case 'FIELD_CONFLICT': {
      const conflicts = fieldConflicts(failure);
      const said = conflicts.map(({ path, manager }) => `${path} is managed by ${manager}`).join(', ');
      return new ApiError(code, `${subject}: ${clip(said, 1000)}.`, {
        ...details,
        conflicts,
        hint: 'Leave those fields out of the manifest, stop the other manager from setting them, or let Settings say conflicts: force.',
      });
    }
    case 'API_CONFLICT':
      return new ApiError(code, `${subject} has changed, or is another object, since it was read.`, {
        ...details,
        hint: 'Nothing was written. The next pass looks at it afresh.',
      });
    case 'API_INVALID':
      return new ApiError(code, `${subject} is not valid: ${complaints(call, failure)}.`, {
        ...details,
        hint: isAboutSecret(call)
          ? 'What the API server said is not repeated where it may hold a secret.'
          : undefined,
      });
    case 'API_FORBIDDEN':
      return forbidden(call, subject, failure, status);
    case 'API_UNAUTHORIZED':
      return new ApiError(code, 'The API server does not accept our credentials.', {
        ...details,
        hint: 'The token or certificate of the kubeconfig may have expired, or belong to another cluster.',
      });
    case 'API_NOT_FOUND':
      return notFound(call, subject, failure, status);
    case 'API_TOO_LARGE':
      return new ApiError(code, `${subject} is larger than the API server takes.`, {
        ...details,
        hint: 'An object may have about 1 MiB: split it, or keep large data elsewhere.',
      });
    case 'API_GONE':
      return new ApiError(code, `The list of ${subject} changed too much while it was read.`, details);
    default:
      return new ApiError(code, `${subject}: the API server answered ${status}${quoted(call, failure)}.`, {
        ...details,
        hint:
          status === 429
            ? 'It is busy, and asks its clients to wait.'
            : status < 500
              ? 'Something else than an API server may stand at that address, or in between.'
              : undefined,
      });
  }
}

interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly Cause[];
  readonly name: string | undefined;
}

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

function readStatus(body: unknown): Failure {
  const status = record(body);
  const details = record(status['details']);
  return {
    reason: text(status['reason']),
    message: text(status['message']),
    name: typeof details['name'] === 'string' ? details['name'] : undefined,
    causes: records(details['causes']).map((cause) => ({
      reason: text(cause['reason']),
      message: text(cause['message']),
      field: text(cause['field']),
    })),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Server-side apply reports a manifest that does not fit the schema as an internal error. */
const NOT_THE_SCHEMA =
  /^failed to (?:create typed patch object|convert new object) \(.*?\)(?: to proper version)?: /;

function codeOf(status: number, { message, causes }: Failure, isJson: boolean): ApiErrorCode {
  switch (status) {
    case 401:
      return 'API_UNAUTHORIZED';
    case 403:
      return 'API_FORBIDDEN';
    case 404:
    case 405:
      return 'API_NOT_FOUND';
    case 409:
      return causes.some(isManagerConflict) ? 'FIELD_CONFLICT' : 'API_CONFLICT';
    case 410:
      return 'API_GONE';
    case 413:
      return 'API_TOO_LARGE';
    case 429:
      return 'API_UNAVAILABLE';
    default:
      if (NOT_THE_SCHEMA.test(message)) return 'API_INVALID';
      if (message.includes('request is too large')) return 'API_TOO_LARGE';
      return isJson && status >= 400 && status < 500 ? 'API_INVALID' : 'API_UNAVAILABLE';
  }
}

function isManagerConflict({ reason }: Cause): boolean {
  return reason === 'FieldManagerConflict';
}

function fieldConflicts({ causes }: Failure): FieldConflict[] {
  return causes.filter(isManagerConflict).map(({ field, message }) => ({
    path: fieldPath(field),
    manager: clip(oneLine(/^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? 'unknown'), 100),
  }));
}

/** `.containers[name="weka"].image` as our own plans write it: `containers[name=weka].image`. */
function fieldPath(field: string): string {
  const path = field.replace(/^\./, '').replaceAll(/="((?:[^"\\]|\\.)*)"/g, '=$1');
  return clip(oneLine(path), 200);
}

function complaints(call: Call, failure: Failure): string {
  const secret = isAboutSecret(call);
  if (failure.causes.length > 0) {
    return listed(
      failure.causes.map(({ field, message, reason }) => {
        const what = secret ? (KINDS_OF_CAUSE[reason] ?? 'is not valid') : withoutValue(message);
        return field === '' ? what : `${fieldPath(field)}: ${what}`;
      }),
    );
  }
  const schema = NOT_THE_SCHEMA.exec(failure.message);
  if (schema !== null) return listed(schemaComplaints(failure.message.slice(schema[0].length), secret));
  if (secret || failure.message === '') return 'the API server rejects it';
  return clip(oneLine(failure.message), 600);
}

/** What may be said of a Secret's field: the API server's own words can quote the value. */
const KINDS_OF_CAUSE: Readonly<Record<string, string>> = {
  FieldValueRequired: 'is required',
  FieldValueForbidden: 'may not be set or changed',
  FieldValueTooLong: 'is too long',
  FieldValueTooMany: 'has too many items',
  FieldValueNotSupported: 'is not one of the supported values',
  FieldValueTypeInvalid: 'is of the wrong type',
  FieldValueDuplicate: 'is there twice',
};

function schemaComplaints(said: string, secret: boolean): string[] {
  return said
    .replace(/^errors:/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, field, what] = /^(\.\S*?): (.*)$/.exec(line) ?? [];
      if (field === undefined || what === undefined) {
        const base64 = /illegal base64 data at input byte \d+/.exec(line)?.[0];
        return base64 ?? (secret ? 'it does not fit the schema' : line);
      }
      const known = /^(field not declared in schema|expected [a-z]+)/.exec(what)?.[0];
      const plain = known === 'field not declared in schema' ? 'no such field' : known;
      return `${fieldPath(field)}: ${plain ?? (secret ? 'does not fit the schema' : what)}`;
    });
}

/** A rejected map or list is quoted whole by the API server, environment of pods included; only why matters. */
function withoutValue(message: string): string {
  return message.replace(/^(Invalid value: )[[{].*[}\]](?=: |$)/s, '$1(not shown)');
}

const MOST_LISTED = 10;

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, MOST_LISTED).map((line) => clip(oneLine(line), 300));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function forbidden(call: Call, subject: string, failure: Failure, status: number): ApiError {
  if (failure.causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
    return new ApiError('API_CONFLICT', `${subject}: the namespace is being deleted.`, {
      status,
      hint: 'It is asked for again when the namespace is gone.',
    });
  }
  const rbac = /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"/.exec(failure.message);
  if (rbac === null) {
    return new ApiError('API_FORBIDDEN', `${subject} is refused${quoted(call, failure)}.`, {
      status,
      hint: 'An admission policy or quota of the cluster stands against it.',
      ofAccount: /attempting to grant RBAC permissions not currently held/.test(failure.message),
    });
  }
  const [, user = '', verb = verbOf(call), resource = '', group = ''] = rbac;
  const namespace = targetOf(call.path)?.namespace;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  // An apply is a patch, and a create as well where the object is new.
  const verbs =
    verb === 'patch' || (verb === 'create' && call.method === 'PATCH') ? ['create', 'patch'] : [verb];
  const rule = `{apiGroups: [${JSON.stringify(group)}], resources: [${JSON.stringify(resource)}], verbs: ${JSON.stringify(verbs)}}`;
  const role = namespace === undefined ? 'ClusterRole' : `Role in namespace ${namespace}, or a ClusterRole,`;
  return new ApiError('API_FORBIDDEN', `${printableUser(user)} may not ${verb} ${resource}${where}.`, {
    status,
    hint: clip(oneLine(`Bind ${user} to a ${role} with the rule ${rule}.`), 600),
    ofAccount: true,
  });
}

function printableUser(user: string): string {
  return clip(oneLine(user === '' ? 'The account' : user), 200);
}

function notFound(call: Call, subject: string, failure: Failure, status: number): ApiError {
  const target = targetOf(call.path);
  if (failure.reason === 'NotFound' && failure.name !== undefined) {
    if (failure.name === target?.name) {
      return new ApiError('API_NOT_FOUND', `${subject} does not exist.`, { status, absent: true });
    }
    if (failure.name === target?.namespace) {
      return new ApiError('API_NOT_FOUND', `${subject}: there is no namespace ${failure.name}.`, {
        status,
        hint: 'Add the Namespace to the repository, or create it.',
      });
    }
  }
  const group = target === undefined || target.group === '' ? '' : ` of group ${target.group}`;
  return new ApiError(
    'API_NOT_FOUND',
    `The API server does not know ${target?.resource ?? subject}${group}.`,
    {
      status,
      hint: 'Its version of Kubernetes may lack that kind, or the address is not that of an API server.',
    },
  );
}

function quoted(call: Call, { message }: Failure): string {
  return message === '' || isAboutSecret(call) ? '' : `: ${clip(oneLine(message), 400).replace(/\.$/, '')}`;
}
