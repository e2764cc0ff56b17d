import { type GoProgram, goProgram } from '../go-program.ts';

const KUSTOMIZE: GoProgram = {
  name: 'kustomize',
  package: 'sigs.k8s.io/kustomize/kustomize/v5',
  module: import.meta.dirname,
};

/** The file of the real `kustomize`, apart from kubectl. It is built from its published modules the first time, and kept. */
export async function kustomizeProgram(report?: (line: string) => void): Promise<string> {
  return goProgram(KUSTOMIZE, report);
}
