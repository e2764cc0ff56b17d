import { verify } from 'node:crypto';
import { user } from './stand-in-answers.ts';
import type { StandInApp, StandInState } from './stand-in-state.ts';
import { failed, type Route } from './told.ts';

/** Who somebody is, and tokens of apps. */
export const APP_ROUTES: Readonly<Record<string, Route>> = {
  'GET /user': (_state, { account }) =>
    account?.kind === 'user'
      ? { status: 200, body: { ...user(account.login) } }
      : failed(403, 'Resource not accessible by integration'),

  'GET /app': (_state, { app }) =>
    app === undefined
      ? failed(401, 'A JSON web token could not be decoded')
      : { status: 200, body: { id: app.id, slug: app.slug } },

  'GET /repos/{owner}/{repo}/installation': (_state, { app, path }) => {
    if (app === undefined) return failed(401, 'A JSON web token could not be decoded');
    const id = app.installations.get(`${path['owner']}/${path['repo']}`);
    return id === undefined ? failed(404, 'Not Found') : { status: 200, body: { id, app_id: app.id } };
  },

  'POST /app/installations/{installation_id}/access_tokens': (state, { app, path }) => {
    if (app === undefined) return failed(401, 'A JSON web token could not be decoded');
    if (![...app.installations.values()].includes(Number(path['installation_id'])))
      return failed(404, 'Not Found');
    const token = `ghs_${state.id()}`;
    const expiresAt = new Date(Date.now() + 3_600_000);
    state.tokens.set(token, { login: `${app.slug}[bot]`, kind: 'installation', expiresAt });
    return { status: 201, body: { token, expires_at: expiresAt.toISOString() } };
  },
};

/** The app that has signed a JSON web token, which is good now and for at most ten minutes. */
export function appOf(state: StandInState, authorization: string): StandInApp | undefined {
  const [head, claims, signature] = authorization.replace(/^bearer /i, '').split('.');
  if (head === undefined || claims === undefined || signature === undefined) return undefined;
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
  const app = state.apps.find(({ id }) => id === Number(iss));
  const now = Date.now() / 1000;
  if (app === undefined || iat! > now || exp! < now || exp! - now > 600) return undefined;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    app.publicKey,
    Buffer.from(signature, 'base64url'),
  );
  return isSigned ? app : undefined;
}
