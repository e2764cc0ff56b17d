/**
 * The shortest way from `start` over `first` back to `start`, with `start` at both ends; undefined where there is none.
 */
export function cycleThrough(
  start: string,
  first: string,
  next: (name: string) => readonly string[],
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>([[first, start]]);
  const queue = [first];
  for (const name of queue) {
    if (name === start) return wayTo(start, first, cameFrom);
    for (const each of next(name)) {
      if (cameFrom.has(each)) continue;
      cameFrom.set(each, name);
      queue.push(each);
    }
  }
  return undefined;
}

function wayTo(start: string, first: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  if (first === start) return [start, start];
  const way = [start];
  for (let at = cameFrom.get(start); at !== undefined && at !== start; at = cameFrom.get(at)) way.unshift(at);
  return [start, ...way];
}
