import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findKustomize } from '../../../../reconciler/world/kustomize/find-kustomize.ts';
import { script, scratchFolder } from '../../../cluster/scratch.ts';

describe('findKustomize', () => {
  it('takes kustomize before kubectl, wherever on the path they are', async () => {
    const folder = await scratchFolder();
    const kubectl = await script(join(folder, 'a/kubectl'));
    const searchPath = `${folder}/none::relative:${folder}/a:${folder}/b`;
    expect(await findKustomize({ searchPath })).toEqual({ file: kubectl, args: ['kustomize'] });
    const kustomize = await script(join(folder, 'b/kustomize'));
    expect(await findKustomize({ searchPath })).toEqual({ file: kustomize, args: ['build'] });
  });

  it('takes no folder and nothing that cannot be run', async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'kustomize'));
    await writeFile(join(folder, 'kubectl'), '');
    expect(await findKustomize({ searchPath: folder })).toBeUndefined();
    expect(await findKustomize({ searchPath: '' })).toBeUndefined();
  });

  it('takes the configured program only, and knows kubectl by its name', async () => {
    const folder = await scratchFolder();
    const kubectl = await script(join(folder, 'kubectl-1.36'));
    const other = await script(join(folder, 'kustomize-v5'));
    await script(join(folder, 'kustomize'));
    const searchPath = folder;
    expect(await findKustomize({ program: kubectl, searchPath })).toEqual({
      file: kubectl,
      args: ['kustomize'],
    });
    expect(await findKustomize({ program: other, searchPath })).toEqual({ file: other, args: ['build'] });
    expect(await findKustomize({ program: `${folder}/gone`, searchPath })).toBeUndefined();
  });
});
