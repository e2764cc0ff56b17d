/** Where the kernel's own modules are, as `depmod` writes it down. */
export interface ModuleFiles {
  /** Paths below the folder of the kernel in the order in which they are loaded, the module itself last; undefined where it has none. */
  filesOf(name: string): readonly string[] | undefined;
}

/** `modules.dep`: `kernel/a/b-c.ko.xz: kernel/x.ko kernel/y.ko`, where what is needed first stands last. */
export function parseModulesDep(text: string): ModuleFiles {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(moduleOfFile(line.slice(0, colon)), line);
  }
  return {
    filesOf: (name) => {
      const line = lines.get(name);
      if (line === undefined) return undefined;
      const [file = '', needed = ''] = line.split(':');
      return [file, ...needed.split(' ').filter((each) => each !== '')].toReversed();
    },
  };
}

/** `modules.builtin`: the path that each would have. */
export function parseBuiltIn(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(moduleOfFile),
  );
}

/** The name that the kernel has for the module in a file. */
export function moduleOfFile(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}
