export type Output = 'text' | 'json' | 'markdown' | 'html';

/** An answer is too short for a page of its own. */
export type AnswerFormat = Exclude<Output, 'html'>;

/** Findings also go to code scanning and into pull requests. */
export type FindingsFormat = Output | 'sarif' | 'github';

/** What programs and people read. */
export type PlainFormat = Extract<Output, 'text' | 'json'>;

/** Options that say where repository and cluster are; each overrides the configuration file. */
export interface Flags {
  readonly config?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly acceptRewrittenHistory?: string;
}

/** What a command line asks for. */
export type Command =
  | { readonly verb: 'help'; readonly topic?: string }
  | { readonly verb: 'version' }
  | {
      readonly verb: 'validate';
      readonly paths: readonly string[];
      readonly output: FindingsFormat;
      /** A file of facts, or `live` for the cluster itself. */
      readonly facts?: string;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'explain-field';
      readonly target: string;
      readonly recursive: boolean;
      readonly output: PlainFormat;
    }
  | {
      readonly verb: 'plan';
      readonly worktree?: string;
      /** Whether to show the passes after the next one as well. */
      readonly forecast: boolean;
      /** The pull request that is planned, and told of it in a comment, in place of the ref. */
      readonly pullRequest?: number;
      readonly output: Output;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'reconcile';
      /** The plan that is applied, or nothing is. */
      readonly planDigest?: string;
      readonly output: Output;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'explain';
      readonly target: string;
      /** A field of the object. */
      readonly field?: string;
      readonly worktree?: string;
      readonly output: AnswerFormat;
      readonly flags: Flags;
    }
  | { readonly verb: 'status'; readonly output: Output; readonly flags: Flags }
  | {
      readonly verb: 'run';
      readonly once: boolean;
      /** Pull requests are planned, and nothing is carried out. */
      readonly only?: 'review';
      readonly flags: Flags;
    }
  | { readonly verb: 'suspend'; readonly reason: string; readonly flags: Flags }
  | { readonly verb: 'resume'; readonly flags: Flags }
  | {
      readonly verb: 'preflight';
      /** What kubectl printed; the cluster itself where unset. */
      readonly facts?: string;
      /** Only these nodes; all where unset. */
      readonly nodes?: readonly string[];
      /** Only nodes that lack something. */
      readonly failedOnly?: boolean;
      readonly output: Output;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'install';
      /** Print the manifests in place of applying them. */
      readonly export: boolean;
      /** Say what would be written, and write nothing. */
      readonly dryRun: boolean;
      /** Cron expression of the passes; unset, a process runs all the time. */
      readonly schedule?: string;
      readonly planner: boolean;
      readonly image?: string;
      /** Secret with the files that the configuration names. */
      readonly secret?: string;
      /** Secret that the image is pulled with. */
      readonly pullSecret?: string;
      readonly waitSeconds: number;
      readonly output: PlainFormat;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'uninstall';
      /** Without it nothing is removed. */
      readonly yes: boolean;
      readonly waitSeconds: number;
      readonly output: PlainFormat;
      readonly flags: Flags;
    }
  | {
      readonly verb: 'drivers';
      readonly does: 'export';
      /** The folder that packages are brought to. */
      readonly to: string;
      /** Only this version; all where unset. */
      readonly version?: string;
      /** Only what is pinned for this distribution service. */
      readonly service?: string;
      /** An address that has all of them, in place of where they come from. */
      readonly from?: string;
      readonly output: PlainFormat;
      readonly flags: Flags;
    }
  | { readonly verb: 'demo'; readonly keep: boolean };

/** The command of a verb. */
export type CommandOf<Verb extends Command['verb']> = Extract<Command, { readonly verb: Verb }>;
