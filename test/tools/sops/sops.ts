import { type GoProgram, goProgram } from '../go-program.ts';

const SOPS: GoProgram = {
  name: 'sops',
  package: 'github.com/getsops/sops/v3/cmd/sops',
  module: import.meta.dirname,
  tags: 'grpcnotrace',
};

/** The file of the real `sops`. It is built from its published modules the first time, and kept. */
export async function sopsProgram(report?: (line: string) => void): Promise<string> {
  return goProgram(SOPS, report);
}
