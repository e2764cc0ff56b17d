import { describe, expect, it } from 'vitest';
import { Contract } from './contract.ts';

const contract = await Contract.load();
const NONE = new URLSearchParams();

function requestFaults(line: string, body?: unknown, query = NONE): string[] {
  const [method = '', path = ''] = line.split(' ');
  return contract.requestFaults(contract.operation(method, path)!, query, body);
}

describe('GitHub’s description of itself', () => {
  it('knows its routes, and none besides', () => {
    expect(contract.operation('GET', '/repos/a/b/contents/x/y%20z.yaml')).toMatchObject({
      route: 'GET /repos/{owner}/{repo}/contents/{path}',
      path: { owner: 'a', repo: 'b', path: 'x/y z.yaml' },
    });
    expect(contract.operation('GET', '/repos/a/b/git/ref/heads/x/y')).toMatchObject({
      path: { ref: 'heads/x/y' },
    });
    expect(contract.operation('GET', '/repos/a/b/pull/7')).toBeUndefined();
    expect(contract.operation('PUT', '/repos/a/b/pulls/7')).toBeUndefined();
  });

  it('finds what is wrong with a request', () => {
    const check = { name: 'x', head_sha: 'y' };
    const annotation = { path: 'x', start_line: 1, end_line: 1, annotation_level: 'warning', message: 'x' };
    const output = (annotations: readonly unknown[]) => ({ title: 'x', summary: 'y', annotations });

    expect(requestFaults('POST /repos/a/b/check-runs', { ...check, output: output([annotation]) })).toEqual(
      [],
    );
    expect(requestFaults('POST /repos/a/b/check-runs', { name: 'x' })[0]).toContain('head_sha');
    expect(requestFaults('POST /repos/a/b/check-runs', { ...check, sumary: 'x' })[0]).toContain('sumary');
    expect(requestFaults('POST /repos/a/b/check-runs', { ...check, conclusion: 'fine' })[0]).toContain(
      '/conclusion',
    );
    const odd = { ...annotation, level: 'warning' };
    expect(requestFaults('POST /repos/a/b/check-runs', { ...check, output: output([odd]) })[0]).toContain(
      'level',
    );
    const tooMany = output(Array.from({ length: 51 }, () => annotation));
    expect(requestFaults('POST /repos/a/b/check-runs', { ...check, output: tooMany })[0]).toContain(
      'more than 50',
    );
    expect(requestFaults('POST /repos/a/b/issues/7/comments', { text: 'x' })).toHaveLength(1);
    expect(requestFaults('POST /repos/a/b/issues/7/comments')).toHaveLength(1);
    expect(requestFaults('POST /repos/a/b/statuses/1', { state: 'failed' })[0]).toContain('/state');
  });

  it('finds what is wrong with a query', () => {
    const list = (query: string) =>
      requestFaults('GET /repos/a/b/pulls', undefined, new URLSearchParams(query));
    expect(list('state=open&sort=updated&direction=desc&per_page=100&page=2&base=main')).toEqual([]);
    expect(list('state=merged')).toEqual(['state=merged is not as described']);
    expect(list('per-page=100')).toEqual(['the query has per-page, which is not described']);
    expect(list('per_page=200')).toEqual(['per_page is more than 100']);
    expect(list('page=two')).toEqual(['page=two is not as described']);
    const comments = 'GET /repos/a/b/issues/7/comments';
    expect(requestFaults(comments, undefined, new URLSearchParams('since=yesterday'))).toHaveLength(1);
  });

  it('makes answers that are as described, and finds what is wrong with others', () => {
    const operation = contract.operation('GET', '/repos/a/b/pulls')!;
    const answer = contract.example(operation, 200, [{ number: 7 }]) as Record<string, unknown>[];

    expect(answer[0]).toMatchObject({ number: 7, head: { sha: expect.any(String) as string } });
    expect(contract.answerFaults(operation, 200, answer)).toEqual([]);
    expect(contract.answerFaults(operation, 200, [{ ...answer[0], number: '7' }])[0]).toContain('/0/number');
    expect(contract.answerFaults(operation, 200, [{ number: 7 }])).toHaveLength(1);
    expect(contract.answerFaults(operation, 204, undefined)).toEqual(['an answer of 204 is not described']);
    expect(contract.answerFaults(operation, 401, { message: 'Bad credentials' })).toEqual([]);
    expect(contract.answerFaults(operation, 401, { message: 7 })).toHaveLength(1);
  });
});
