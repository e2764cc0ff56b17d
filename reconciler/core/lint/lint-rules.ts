import { hotSpareZero } from './cluster/hot-spare-zero.ts';
import { deprecatedField } from './deprecated-field.ts';
import { clusterCapacityAlone } from './cluster/cluster-capacity-alone.ts';
import { clusterCapacity } from './cluster/cluster-capacity.ts';
import { clusterTemplate } from './cluster/cluster-template.ts';
import { computeAndDriveContainers } from './cluster/compute-and-drive-containers.ts';
import { computeCoresFloor } from './cluster/compute-cores-floor.ts';
import { computeCoresRatio } from './cluster/compute-cores-ratio.ts';
import { containerCapacity } from './cluster/container-capacity.ts';
import { coresPerContainer } from './pods/cores-per-container.ts';
import { dataServicesFrontEnd } from './cluster/data-services-front-end.ts';
import { disregardRedundancy } from './cluster/disregard-redundancy.ts';
import { driveCapacityPerCore } from './cluster/drive-capacity-per-core.ts';
import { driveCoresForCapacity } from './cluster/drive-cores-for-capacity.ts';
import { driveCapacityOrRatio } from './cluster/drive-capacity-or-ratio.ts';
import { driveTypesRatio } from './cluster/drive-types-ratio.ts';
import { drivesBelowCores } from './cluster/drives-below-cores.ts';
import { drivesOrContainerCapacity } from './cluster/drives-or-container-capacity.ts';
import { encryptionKeys } from './cluster/encryption-keys.ts';
import { ethDevice } from './network/eth-device.ts';
import { extraVolumes } from './pods/extra-volumes.ts';
import { failureDomainLabels } from './cluster/failure-domain-labels.ts';
import { formationMinimum } from './cluster/formation-minimum.ts';
import { globalPvc } from './cluster/global-pvc.ts';
import { manualCores } from './cluster/manual-cores.ts';
import { minNumDrives } from './cluster/min-num-drives.ts';
import { minNumDrivesFloor } from './cluster/min-num-drives-floor.ts';
import { minNumDrivesNeedless } from './cluster/min-num-drives-needless.ts';
import { networkSelectors } from './network/network-selectors.ts';
import { nfsInterfaces } from './network/nfs-interfaces.ts';
import { numaRegion } from './cluster/numa-region.ts';
import { podResources } from './pods/pod-resources.ts';
import { podScheduling } from './pods/pod-scheduling.ts';
import { portOverlap } from './ports/port-overlap.ts';
import { portRange } from './ports/port-range.ts';
import { protectionFits } from './cluster/protection-fits.ts';
import { protocolNodeSelectors } from './cluster/protocol-node-selectors.ts';
import { raftContainers } from './cluster/raft-containers.ts';
import { raftSize } from './cluster/raft-size.ts';
import { redundancyLevel } from './cluster/redundancy-level.ts';
import { reservedVolume } from './pods/reserved-volume.ts';
import { skipDefaultFilesystem } from './cluster/skip-default-filesystem.ts';
import { smbwCluster } from './cluster/smbw-cluster.ts';
import { standingOverride } from './cluster/standing-override.ts';
import { stripeWidth } from './cluster/stripe-width.ts';
import { telemetryExports } from './cluster/telemetry-exports.ts';
import { udpMode } from './network/udp-mode.ts';
import { uncountedContainers } from './cluster/uncounted-containers.ts';
import { uncountedDrives } from './cluster/uncounted-drives.ts';
import { unusedSizing } from './cluster/unused-sizing.ts';
import { upgradeOverrides } from './cluster/upgrade-overrides.ts';
import { virtualDriveSize } from './cluster/virtual-drive-size.ts';
import { virtualDrivesBelowCores } from './cluster/virtual-drives-below-cores.ts';
import { virtualDrivesPerCore } from './cluster/virtual-drives-per-core.ts';
import { zeroCapacity } from './cluster/zero-capacity.ts';
import { builderUpload } from './container/builder-upload.ts';
import { containerImage } from './container/container-image.ts';
import { clientClusterNodes } from './client/client-cluster-nodes.ts';
import { clientPortRange } from './ports/client-port-range.ts';
import { clientPorts } from './ports/client-ports.ts';
import { clientTarget } from './client/client-target.ts';
import { clientVersion } from './client/client-version.ts';
import { clientsShareNodes } from './client/clients-share-nodes.ts';
import { csiGroup } from './cluster/csi-group.ts';
import { joinAddress } from './client/join-address.ts';
import { portCollision } from './ports/port-collision.ts';
import { reservedPort } from './ports/reserved-port.ts';
import { targetCluster } from './client/target-cluster.ts';
import { wekaHomeCa } from './cluster/weka-home-ca.ts';
import { driversAddress } from './drivers/drivers-address.ts';
import { driversBuilder } from './drivers/drivers-builder.ts';
import { driversLabels } from './drivers/drivers-labels.ts';
import { driversName } from './drivers/drivers-name.ts';
import { driversNetwork } from './drivers/drivers-network.ts';
import { driversScheme } from './drivers/drivers-scheme.ts';
import { driversServiceConsistent } from './drivers/drivers-service-consistent.ts';
import { driversService } from './drivers/drivers-service.ts';
import { driversStorage } from './drivers/drivers-storage.ts';
import { uploadTarget } from './drivers/upload-target.ts';
import { missingClaim } from './references/missing-claim.ts';
import { missingConfigMap } from './references/missing-config-map.ts';
import { missingSecret } from './references/missing-secret.ts';
import { missingServiceAccount } from './references/missing-service-account.ts';
import { referenceName } from './references/reference-name.ts';
import { namespaceNearMiss } from './references/namespace-near-miss.ts';
import { cronBesideInterval } from './policy/cron-beside-interval.ts';
import { driveSelection } from './policy/drive-selection.ts';
import { drivesSignedTwice } from './policy/drives-signed-twice.ts';
import { operationPayload } from './policy/operation-payload.ts';
import { operationTarget } from './policy/operation-target.ts';
import { policyInterval } from './policy/policy-interval.ts';
import { policyOrder } from './policy/policy-order.ts';
import { policyPayload } from './policy/policy-payload.ts';
import { policySchedule } from './policy/policy-schedule.ts';
import { unknownAnnotation } from './policy/unknown-annotation.ts';
import { missingSecretKey } from './secrets/missing-secret-key.ts';
import { plainSecret } from './secrets/plain-secret.ts';
import { approvalAction } from './approvals/approval-action.ts';
import { approvalExpiry } from './approvals/approval-expiry.ts';
import { approvalIdentity } from './approvals/approval-identity.ts';
import { approvalTarget } from './approvals/approval-target.ts';
import { hugepages } from './pods/hugepages.ts';
import { noMemory } from './pods/no-memory.ts';
import { tooFewHugepages } from './pods/too-few-hugepages.ts';
import { ipRanges } from './network/ip-ranges.ts';
import { noGracePeriod } from './cluster/no-grace-period.ts';
import { unverifiedCertificate } from './cluster/unverified-certificate.ts';
import { coresDecrease } from './facts/cores-decrease.ts';
import { driversForKernels } from './facts/drivers-for-kernels.ts';
import { nodeAnnotations } from './facts/node-annotations.ts';
import { nodeDiskSpace } from './facts/node-disk-space.ts';
import { nodeKernel } from './facts/node-kernel.ts';
import { nodesAlike } from './facts/nodes-alike.ts';
import { nodesForClient } from './facts/nodes-for-client.ts';
import { nodesForRole } from './facts/nodes-for-role.ts';
import { nodesOutOfService } from './facts/nodes-out-of-service.ts';
import { nodesTogether } from './facts/nodes-together.ts';
import { namespaceOfAnother } from './facts/namespace-of-another.ts';
import { objectOfAnother } from './facts/object-of-another.ts';
import { secretInCluster } from './facts/secret-in-cluster.ts';
import { sizingModeChange } from './facts/sizing-mode-change.ts';
import { staticCpuManager } from './facts/static-cpu-manager.ts';
import type { LintRule } from './spec-rule.ts';

/** Every rule over specs by its stable name. New ones register here. */
export const LINT_RULES = {
  'hot-spare-zero': hotSpareZero,
  'deprecated-field': deprecatedField,
  'cluster-capacity-alone': clusterCapacityAlone,
  'cluster-capacity': clusterCapacity,
  'cluster-template': clusterTemplate,
  'compute-and-drive-containers': computeAndDriveContainers,
  'compute-cores-floor': computeCoresFloor,
  'compute-cores-ratio': computeCoresRatio,
  'container-capacity': containerCapacity,
  'cores-per-container': coresPerContainer,
  'data-services-front-end': dataServicesFrontEnd,
  'disregard-redundancy': disregardRedundancy,
  'drive-capacity-or-ratio': driveCapacityOrRatio,
  'drive-capacity-per-core': driveCapacityPerCore,
  'drive-cores-for-capacity': driveCoresForCapacity,
  'drive-types-ratio': driveTypesRatio,
  'drives-below-cores': drivesBelowCores,
  'drives-or-container-capacity': drivesOrContainerCapacity,
  'encryption-keys': encryptionKeys,
  'eth-device': ethDevice,
  'extra-volumes': extraVolumes,
  'failure-domain-labels': failureDomainLabels,
  'formation-minimum': formationMinimum,
  'global-pvc': globalPvc,
  'manual-cores': manualCores,
  'min-num-drives': minNumDrives,
  'min-num-drives-floor': minNumDrivesFloor,
  'min-num-drives-needless': minNumDrivesNeedless,
  'network-selectors': networkSelectors,
  'nfs-interfaces': nfsInterfaces,
  'numa-region': numaRegion,
  'pod-resources': podResources,
  'pod-scheduling': podScheduling,
  'port-overlap': portOverlap,
  'port-range': portRange,
  'protection-fits': protectionFits,
  'protocol-node-selectors': protocolNodeSelectors,
  'raft-containers': raftContainers,
  'raft-size': raftSize,
  'redundancy-level': redundancyLevel,
  'reserved-volume': reservedVolume,
  'skip-default-filesystem': skipDefaultFilesystem,
  'smbw-cluster': smbwCluster,
  'standing-override': standingOverride,
  'stripe-width': stripeWidth,
  'telemetry-exports': telemetryExports,
  'udp-mode': udpMode,
  'uncounted-containers': uncountedContainers,
  'uncounted-drives': uncountedDrives,
  'unused-sizing': unusedSizing,
  'upgrade-overrides': upgradeOverrides,
  'virtual-drive-size': virtualDriveSize,
  'virtual-drives-below-cores': virtualDrivesBelowCores,
  'virtual-drives-per-core': virtualDrivesPerCore,
  'zero-capacity': zeroCapacity,
  'builder-upload': builderUpload,
  'container-image': containerImage,
  'client-cluster-nodes': clientClusterNodes,
  'client-port-range': clientPortRange,
  'client-ports': clientPorts,
  'client-target': clientTarget,
  'client-version': clientVersion,
  'clients-share-nodes': clientsShareNodes,
  'csi-group': csiGroup,
  'join-address': joinAddress,
  'port-collision': portCollision,
  'reserved-port': reservedPort,
  'target-cluster': targetCluster,
  'weka-home-ca': wekaHomeCa,
  'drivers-address': driversAddress,
  'drivers-builder': driversBuilder,
  'drivers-labels': driversLabels,
  'drivers-name': driversName,
  'drivers-network': driversNetwork,
  'drivers-scheme': driversScheme,
  'drivers-service-consistent': driversServiceConsistent,
  'drivers-service': driversService,
  'drivers-storage': driversStorage,
  'upload-target': uploadTarget,
  'missing-claim': missingClaim,
  'missing-config-map': missingConfigMap,
  'missing-secret': missingSecret,
  'missing-service-account': missingServiceAccount,
  'namespace-near-miss': namespaceNearMiss,
  'reference-name': referenceName,
  'cron-beside-interval': cronBesideInterval,
  'drive-selection': driveSelection,
  'drives-signed-twice': drivesSignedTwice,
  'operation-payload': operationPayload,
  'operation-target': operationTarget,
  'policy-interval': policyInterval,
  'policy-order': policyOrder,
  'policy-payload': policyPayload,
  'policy-schedule': policySchedule,
  'unknown-annotation': unknownAnnotation,
  'missing-secret-key': missingSecretKey,
  'plain-secret': plainSecret,
  'approval-action': approvalAction,
  'approval-expiry': approvalExpiry,
  'approval-identity': approvalIdentity,
  'approval-target': approvalTarget,
  hugepages,
  'no-memory': noMemory,
  'too-few-hugepages': tooFewHugepages,
  'ip-ranges': ipRanges,
  'no-grace-period': noGracePeriod,
  'unverified-certificate': unverifiedCertificate,
  'cores-decrease': coresDecrease,
  'drivers-for-kernels': driversForKernels,
  'namespace-of-another': namespaceOfAnother,
  'node-annotations': nodeAnnotations,
  'node-disk-space': nodeDiskSpace,
  'node-kernel': nodeKernel,
  'nodes-alike': nodesAlike,
  'nodes-for-client': nodesForClient,
  'nodes-for-role': nodesForRole,
  'nodes-out-of-service': nodesOutOfService,
  'nodes-together': nodesTogether,
  'object-of-another': objectOfAnother,
  'secret-in-cluster': secretInCluster,
  'sizing-mode-change': sizingModeChange,
  'static-cpu-manager': staticCpuManager,
} as const satisfies Readonly<Record<string, LintRule>>;
