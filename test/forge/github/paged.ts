import type { Told } from './told.ts';

/** A page of a list, and the links to those around it. */
export function paged(
  { list, page, body }: Told,
  query: URLSearchParams,
  { address, most }: { readonly address: string; readonly most: number },
) {
  if (list === undefined) return { facts: body, link: undefined };
  const size = Math.min(most, Number(query.get('per_page') ?? 30));
  const number = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const part = list.slice((number - 1) * size, number * size);
  const to = (target: number, rel: string): string => {
    const url = new URL(address);
    url.searchParams.set('page', `${target}`);
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [to(number - 1, 'prev'), to(1, 'first')] : []),
    ...(number < last ? [to(number + 1, 'next'), to(last, 'last')] : []),
  ];
  return {
    facts: page === undefined ? part : page(part),
    link: links.length === 0 ? undefined : links.join(', '),
  };
}
