import * as z from 'zod';

/**
 * At most `most` elements. Their number is looked at before any of them is: `z.array(…).max(…)` reads all of them first, and
 * of a list with millions of elements that are not of the form it would keep what is wrong with each.
 */
export function list<Schema extends z.ZodType>(element: Schema, most: number) {
  return z
    .unknown()
    .refine((value) => !Array.isArray(value) || value.length <= most, {
      error: `has more than ${most} elements`,
      abort: true,
    })
    .pipe(z.array(element));
}
