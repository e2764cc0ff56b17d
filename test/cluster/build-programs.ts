/** Finds or builds every program of the control plane, and prints where each is. */
import { findPrograms, programNames } from './programs.ts';

for (const [name, file] of Object.entries(await findPrograms(programNames))) console.log(`${name}\t${file}`);
