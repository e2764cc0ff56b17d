import { describe, expect, it } from 'vitest';
import { ask } from '../../../nodeagent/download/transport.ts';
import { packageServer, status } from '../drivers/package-server.ts';

/** A server that says whose password it is asked with, and leads there from /moved. */
async function mirror(to: (origin: string) => string) {
  const server = await packageServer();
  const said: (string | undefined)[] = [];
  server.answer = (request, response) => {
    said.push(request.headers.authorization);
    const { url } = server.source;
    if (request.url === '/moved') status(302, { location: to(url) })(request, response);
    else response.end('fine');
  };
  const url = new URL(server.source.url.replace('//', '//user:pw@'));
  url.pathname = '/moved';
  return { url, said };
}

const OURS = `Basic ${Buffer.from('user:pw').toString('base64')}`;

describe('a redirect of a source with a password', () => {
  it.each([
    ['a path of its own', () => '/there'],
    ['the whole of an address of its own', (origin: string) => `${origin}/there`],
  ])('is followed to %s, with that password', async (_, to) => {
    const { url, said } = await mirror(to);
    const { signal } = new AbortController();
    using answer = await ask({ url, mayFollow: ({ host }) => host === url.host }, {}, signal);
    expect([answer.status, said]).toEqual([200, [OURS, OURS]]);
  });

  it('is not followed where it names another', async () => {
    const { url, said } = await mirror((origin) => `${origin.replace('//', '//other:pw@')}/there`);
    const asked = ask({ url, mayFollow: () => true }, {}, new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ trouble: { is: 'led-away' } });
    expect(said).toEqual([OURS]);
  });

  it('takes the password to nobody else', async () => {
    const other = await packageServer();
    const said: (string | undefined)[] = [];
    other.answer = (request, response) => {
      said.push(request.headers.authorization);
      response.end('fine');
    };
    const { url } = await mirror(() => `${other.source.url}/there`);
    using answer = await ask({ url, mayFollow: () => true }, {}, new AbortController().signal);
    expect([answer.status, said]).toEqual([200, [undefined]]);
  });
});
