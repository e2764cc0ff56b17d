import type { Account, StandInApp, StandInState } from './stand-in-state.ts';

/** A request that is as GitHub describes it. */
export interface Asked {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  // oxlint-disable-next-line typescript/no-explicit-any -- the description has checked it
  readonly body: any;
  /** Whom it is from; undefined where it carries no token that is known. */
  readonly account: Account | undefined;
  /** The app whose own signature it carries. */
  readonly app: StandInApp | undefined;
}

export interface Told {
  readonly status: number;
  /** Facts, in the shape of the answer. */
  readonly body?: unknown;
  /** Elements of a list, to be told page by page; where a list is a member, `body` makes an answer of a page. */
  readonly list?: readonly unknown[];
  readonly page?: (elements: readonly unknown[]) => unknown;
}

export type Route = (state: StandInState, asked: Asked) => Told;

export function failed(status: number, message: string): Told {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}

/** An answer of 422; by route its errors are sentences or more than that. */
export function invalid(error: string | { readonly resource: string; readonly message: string }): Told {
  const errors = [typeof error === 'string' ? error : { code: 'custom', ...error }];
  const { body } = failed(422, typeof error === 'string' ? 'Unprocessable Entity' : 'Validation Failed');
  return { status: 422, body: { ...(body as object), errors } };
}
