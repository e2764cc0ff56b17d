import { Buffer } from 'node:buffer';
import { ApiError } from '../../reconciler/world/kubeapi/errors.ts';
import { APPLY_PATCH, type KubeApi } from '../../reconciler/world/kubeapi/kube-api.ts';
import { intentName, REPORT_KEY, reportName } from '../../schemas/node/config-maps.ts';
import { type IntentSeen, parseIntent } from '../intent.ts';

const FIELD_MANAGER = 'weka-nodeagent';
const OPEN_WITHIN_MS = 15_000;
const TIMEOUT_MS = 15_000;
/** A report of the largest size in base64, and what is around it. */
const MAX_BYTES = 4 << 20;

export interface ReadIntent {
  readonly seen: IntentSeen;
  /** Version of the ConfigMap; undefined where there is none. */
  readonly version: string | undefined;
}

/** All that the agent of one node asks of the API server. */
export interface NodeConfigMaps {
  readIntent(signal: AbortSignal): Promise<ReadIntent>;
  /** Versions of the intent's ConfigMap as they come to be, until the API server ends it after so many seconds; undefined says only that it is still there. */
  watchIntent(seconds: number, signal: AbortSignal): Promise<AsyncIterable<string | undefined>>;
  /** The report as it is in the cluster; undefined where there is none. */
  readReport(signal: AbortSignal): Promise<Uint8Array | undefined>;
  writeReport(packed: Uint8Array, signal: AbortSignal): Promise<void>;
}

interface ConfigMap {
  readonly metadata: { readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export function nodeConfigMaps(api: KubeApi, namespace: string, node: string): NodeConfigMaps {
  const all = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

  const read = async (name: string, signal: AbortSignal): Promise<ConfigMap | undefined> => {
    try {
      const options = { signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
      return await api.request<ConfigMap>('GET', `${all}/${name}`, options);
    } catch (error) {
      if (error instanceof ApiError && error.absent) return undefined;
      throw error;
    }
  };

  return {
    async readIntent(signal) {
      const found = await read(intentName(node), signal);
      if (found === undefined) return { seen: { state: 'none' }, version: undefined };
      return { seen: parseIntent(found), version: found.metadata.resourceVersion };
    },
    async watchIntent(seconds, signal) {
      const fieldSelector = `metadata.name=${intentName(node)}`;
      const query = {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: Math.round(seconds),
        fieldSelector,
      };
      return versions(await api.watch(all, { query, signal, openWithinMs: OPEN_WITHIN_MS }));
    },
    async readReport(signal) {
      const text = (await read(reportName(node), signal))?.binaryData?.[REPORT_KEY];
      return text === undefined ? undefined : Buffer.from(text, 'base64');
    },
    async writeReport(packed, signal) {
      const name = reportName(node);
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace },
        binaryData: { [REPORT_KEY]: Buffer.from(packed).toString('base64') },
      };
      await api.request('PATCH', `${all}/${name}`, {
        // Nobody else has anything to say in it.
        query: { fieldManager: FIELD_MANAGER, force: true },
        contentType: APPLY_PATCH,
        body,
        signal,
        timeoutMs: TIMEOUT_MS,
      });
    },
  };
}

async function* versions(events: Awaited<ReturnType<KubeApi['watch']>>): AsyncGenerator<string | undefined> {
  for await (const event of events) {
    yield event.type === 'BOOKMARK' ? undefined : event.object.metadata.resourceVersion;
  }
}
