import * as z from 'zod';
import type { Interruptible } from '../../../ports.ts';
import { hasNextPage, type ForgeClient, type ForgeParameters, withTexts } from '../client.ts';
import { ForgeError } from '../errors.ts';

/** What Gitea gives at most at once, unless it is configured otherwise; and where that has too much text. */
const PER_PAGE = 50;
const FEW_PER_PAGE = 5;
const MOST_PAGES = 200;

export interface Listed<Element> {
  readonly elements: readonly Element[];
  /** When it was as listed, by the server's clock. */
  readonly at: Date;
}

/**
 * All elements of a list. Gitea names the next page for some lists, for others only how many elements there are; and what
 * it names has the address in it that it was configured with, which need not be the one that it is reached by.
 */
export async function listAll<Schema extends z.ZodType>(
  client: ForgeClient,
  element: Schema,
  route: string,
  parameters: ForgeParameters,
  options?: Interruptible,
): Promise<Listed<z.infer<Schema>>> {
  const list = (perPage: number) =>
    listed(client, element, route, { ...parameters, limit: perPage }, options);
  try {
    return await list(PER_PAGE);
  } catch (error) {
    if (!(error instanceof ForgeError) || !error.isTooLarge) throw error;
    return await list(FEW_PER_PAGE);
  }
}

async function listed<Schema extends z.ZodType>(
  client: ForgeClient,
  element: Schema,
  route: string,
  parameters: ForgeParameters,
  options?: Interruptible,
): Promise<Listed<z.infer<Schema>>> {
  const elements: z.infer<Schema>[] = [];
  let at: Date | undefined;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await client.request(route, { ...parameters, page }, withTexts(options));
    at ??= new Date(Date.parse(answer.headers['date'] ?? '') || Date.now());
    const found = client.parse(z.array(element), answer.data, route);
    elements.push(...found);
    const total = Number(answer.headers['x-total-count'] ?? 0);
    const isMore = answer.headers['link'] === undefined ? elements.length < total : hasNextPage(answer);
    if (!isMore || found.length === 0) return { elements, at };
  }
  throw new ForgeError('FORGE_ANSWER', `Gitea has more than ${MOST_PAGES} pages of ${route}.`, {
    hint: 'Close what is no longer needed.',
  });
}
