import { z } from 'zod';

/** An object by name and namespace; both are empty in an exported manifest that refers to none. */
export const ObjectReference = z.strictObject({
  name: z.string().describe('Name of the object.'),
  namespace: z.string().describe('Namespace of the object.'),
});
