import { z } from 'zod';

/** The texts that Kubernetes reads as an amount: `500m`, `1.5`, `2Gi`, `1e3`. */
export const QUANTITY = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

const expected = 'must be a quantity such as 500m or 2Gi';

/** An amount as text only, or an empty text for none. */
export const OptionalQuantityText = z.string().regex(new RegExp(`${QUANTITY.source}|^$`), expected);

/** An amount of CPU, memory or another resource. */
export const Quantity = z.union([z.number(), z.string().regex(QUANTITY, expected)], { error: expected });
