import { Document, isScalar, visit } from 'yaml';
import type { Installation, InstallationOptions } from './installation.ts';

/** The installation as one YAML file to be committed: the same options, the same bytes. */
export function exportText(
  { parts, secret, names }: Installation,
  { version, selfManaged }: Pick<InstallationOptions, 'version' | 'selfManaged'>,
): string {
  const needed =
    secret === undefined
      ? []
      : [
          `Not in here is Secret ${secret.name} in namespace ${secret.namespace}, with these keys, each the content of a file:`,
          ...[...secret.files].map(([key, setting]) => `  ${key}  (${setting})`),
        ];
  const use = selfManaged
    ? [
        'Commit it to the repository that the reconciler reads: it brings itself up to date from there. Not in here are the configuration,',
        'since it says what that repository may do, and what is shared with others: weka-gitops install puts them into the cluster.',
      ]
    : [
        'Commit it where something else applies it; weka-gitops install applies it and waits until all runs. For the repository that the',
        'reconciler itself reads, set installation.selfManaged.',
      ];
  const head = [
    `Installation ${names.name} of weka-gitops ${version}, as weka-gitops install --export prints it.`,
    ...use,
    ...needed,
  ];
  const printed = selfManaged
    ? parts.filter(({ isConfiguration, shared }) => isConfiguration !== true && shared !== true)
    : parts;
  const documents = printed.flatMap(({ about, objects }) =>
    objects.map((object, index) => `${index === 0 ? `# ${about}.\n` : ''}${yaml(object)}`),
  );
  return `${head.map((line) => `# ${line}`).join('\n')}\n---\n${documents.join('---\n')}`;
}

/** YAML with short lists on one line. */
function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_key, node) {
      if (node.items.length > 0 && node.items.every(isScalar)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: false });
}
