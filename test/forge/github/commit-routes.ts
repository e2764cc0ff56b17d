import { checkAnswer, statusAnswer, user } from './stand-in-answers.ts';
import { shaOf, type StandInCheck, type StandInStatus } from './stand-in-state.ts';
import { failed, invalid, type Route } from './told.ts';

/** Marks at commits, files, branches, and who may do what. */
export const COMMIT_ROUTES: Readonly<Record<string, Route>> = {
  'GET /repos/{owner}/{repo}/commits/{ref}/status': (state, { path }) => {
    const all = state.statuses.get(path['ref']!) ?? [];
    const newest = [...new Map(all.map((each) => [each.context, each])).values()];
    return {
      status: 200,
      list: newest.map(statusAnswer),
      page: (statuses) => ({ state: 'pending', sha: path['ref'], total_count: newest.length, statuses }),
    };
  },

  'POST /repos/{owner}/{repo}/statuses/{sha}': (state, { path, body }) => {
    const { context, description, target_url, ...rest } = body as Omit<StandInStatus, 'id'>;
    if ((description ?? '').length > 140)
      return invalid({ resource: 'Status', message: 'description is too long (maximum is 140 characters)' });
    const status = {
      id: state.id(),
      context,
      description: description ?? null,
      target_url: target_url ?? null,
      ...rest,
    };
    state.statuses.set(path['sha']!, [...(state.statuses.get(path['sha']!) ?? []), status]);
    return { status: 201, body: statusAnswer(status) };
  },

  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': (state, { path, query }) => {
    const all = state.checks.filter(
      (each) => each.sha === path['ref'] && each.name === query.get('check_name'),
    );
    const latest = [...new Map(all.map((each) => [each.app, each])).values()];
    return {
      status: 200,
      list: latest.map(checkAnswer),
      page: (check_runs) => ({ total_count: latest.length, check_runs }),
    };
  },

  'POST /repos/{owner}/{repo}/check-runs': (state, { body, account }) => {
    if (account?.kind !== 'installation') return failed(403, 'You must authenticate via a GitHub App.');
    const { name, head_sha } = body as { name: string; head_sha: string };
    const check = {
      id: state.id(),
      name,
      sha: head_sha,
      app: account.login.replace('[bot]', ''),
      status: 'queued',
      conclusion: null,
      externalId: null,
      title: null,
      summary: null,
      annotations: [],
    };
    state.checks.push(check);
    updateCheck(check, body as CheckBody);
    return { status: 201, body: checkAnswer(check) };
  },

  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': (state, { path, body }) => {
    const check = state.checks.find((each) => each.id === Number(path['check_run_id']));
    if (check === undefined) return failed(404, 'Not Found');
    updateCheck(check, body as CheckBody);
    return { status: 200, body: checkAnswer(check) };
  },

  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': (state, { path }) => {
    const permission = state.permissions.get(path['username']!);
    if (permission === undefined) return failed(404, `${path['username']} is not a user`);
    // Finer roles are told in `role_name` alone.
    const coarse = permission === 'maintain' ? 'write' : permission === 'triage' ? 'read' : permission;
    return {
      status: 200,
      body: { permission: coarse, role_name: permission, user: user(path['username']!) },
    };
  },

  'GET /repos/{owner}/{repo}/contents/{path}': (state, { path, query }) => {
    const files = state.branches.get(query.get('ref') ?? 'main')?.files;
    const name = path['path']!;
    const text = files?.get(name);
    if (text !== undefined)
      return {
        status: 200,
        body: {
          ...fileAnswer(name, text),
          content: Buffer.from(text).toString('base64'),
          encoding: 'base64',
        },
      };
    const below = [...(files?.keys() ?? [])].filter((each) => each.startsWith(`${name}/`));
    if (below.length === 0) return failed(404, 'Not Found');
    return { status: 200, body: below.map((each) => fileAnswer(each, files!.get(each)!)) };
  },

  'PUT /repos/{owner}/{repo}/contents/{path}': (state, { path, body }) => {
    const { branch, content, sha } = body as { branch: string; content: string; sha?: string };
    const there = state.branches.get(branch);
    if (there === undefined) return failed(404, `Branch ${branch} not found`);
    const before = there.files.get(path['path']!);
    if (before !== undefined && sha !== shaOf(before))
      return failed(409, `${path['path']} does not match ${sha}`);
    const text = Buffer.from(content, 'base64').toString('utf8');
    there.files.set(path['path']!, text);
    there.sha = shaOf(`${there.sha} ${path['path']} ${text}`);
    const answer = { content: fileAnswer(path['path']!, text), commit: { sha: there.sha } };
    return { status: before === undefined ? 201 : 200, body: answer };
  },

  'POST /repos/{owner}/{repo}/git/refs': (state, { body }) => {
    const { ref, sha } = body as { ref: string; sha: string };
    const name = ref.replace(/^refs\/heads\//, '');
    if (state.branches.has(name)) return failed(422, 'Reference already exists');
    const from = [...state.branches.values()].find((each) => each.sha === sha);
    if (from === undefined) return failed(422, 'Object does not exist');
    state.branches.set(name, { sha, files: new Map(from.files) });
    return { status: 201, body: { ref, object: { type: 'commit', sha } } };
  },

  'GET /repos/{owner}/{repo}/git/ref/{ref}': (state, { path }) => {
    const branch = state.branches.get(path['ref']!.replace(/^heads\//, ''));
    return branch === undefined
      ? failed(404, 'Not Found')
      : { status: 200, body: { ref: `refs/${path['ref']}`, object: { type: 'commit', sha: branch.sha } } };
  },
};

interface CheckBody {
  readonly status?: string;
  readonly conclusion?: string;
  readonly external_id?: string;
  readonly output?: { readonly title: string; readonly summary: string; readonly annotations?: unknown[] };
}

function updateCheck(check: StandInCheck, { status, conclusion, external_id, output }: CheckBody): void {
  if (status !== undefined) check.status = status;
  if (conclusion !== undefined) check.conclusion = conclusion;
  if (external_id !== undefined) check.externalId = external_id;
  if (output !== undefined) {
    Object.assign(check, { title: output.title, summary: output.summary });
    // Each request adds to those before.
    check.annotations.push(...(output.annotations ?? []));
  }
}

function fileAnswer(path: string, text: string) {
  return { type: 'file', path, name: path.split('/').at(-1), sha: shaOf(text), size: text.length };
}
