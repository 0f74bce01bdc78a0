import { stringify } from 'yaml';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import {
  type DeployedSidecar,
  deployedSidecar,
  type Exported,
  type ExportNote,
  notesAsComment,
  type Variable,
  withoutCounterpart,
} from './deployed-sidecar.js';
import { probesOf, seconds } from './kubernetes-probes.js';

export interface KubernetesOptions {
  /** The image that has the sidecar's program. */
  readonly image: string;
  /** The image of the application beside it. */
  readonly appImage: string;
  /** A Deployment of such Pods instead of one. */
  readonly isDeployment: boolean;
}

/**
 * A Pod in which the sidecar is a native one: an init container with `restartPolicy: Always`, which is started before the
 * application, probed, and ended after it (Kubernetes 1.29 or newer).
 *
 * @throws {NotExportableError} with the transport `direct`
 */
export function exportKubernetes(config: ResolvedSidecarConfig, options: KubernetesOptions): Exported {
  // The kubelet asks at the address of the Pod, not over its loopback interface.
  const sidecar = deployedSidecar(config, '0.0.0.0');
  const { probes, notes: probeNotes } = probesOf(sidecar);
  const pod = podSpec(sidecar, options, { ...probes });
  const manifest = options.isDeployment ? deployment(config.name, pod) : singlePod(config.name, pod);
  const notes = [...sidecar.notes, ...probeNotes, ...lostSettings(config), ...secretNotes(sidecar)];
  return { text: `${notesAsComment(notes)}${stringify(manifest, { lineWidth: 0 })}`, notes };
}

function singlePod(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: dnsLabel(name), labels: labels(name) }, spec };
}

function deployment(name: string, spec: object): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: dnsLabel(name), labels: labels(name) },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels(name) },
      template: { metadata: { labels: labels(name) }, spec },
    },
  };
}

function podSpec(sidecar: DeployedSidecar, options: KubernetesOptions, probes: object): object {
  const { config, address, command, variables } = sidecar;
  const socketFolder = address.transport === 'ipc' ? address.socketPath.replace(/\/[^/]*$/, '') || '/' : null;
  const volumeMounts =
    socketFolder === null ? {} : { volumeMounts: [{ name: 'socket', mountPath: socketFolder }] };
  return {
    terminationGracePeriodSeconds: seconds(config.process.stopTimeout),
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [
      {
        name: dnsLabel(config.name),
        image: options.image,
        restartPolicy: 'Always',
        command,
        ...(variables.length > 0 && { env: variables.map((each) => envEntry(config.name, each)) }),
        ...(address.transport === 'http' && { ports: [{ containerPort: address.port }] }),
        ...probes,
        resources: resourcesOf(config),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        ...volumeMounts,
      },
    ],
    containers: [{ name: 'app', image: options.appImage, env: addressForApp(sidecar), ...volumeMounts }],
    ...(socketFolder !== null && { volumes: [{ name: 'socket', emptyDir: {} }] }),
  };
}

/** How the application is told where its sidecar is. */
function addressForApp({ address }: DeployedSidecar): object[] {
  if (address.transport === 'ipc') return [{ name: 'SIDECAR_SOCKET', value: address.socketPath }];
  return [{ name: 'SIDECAR_URL', value: `http://127.0.0.1:${address.port}` }];
}

function envEntry(name: string, variable: Variable): object {
  if (!('isSecret' in variable)) return variable;
  return {
    name: variable.name,
    valueFrom: { secretKeyRef: { name: secretOf(name), key: variable.name } },
  };
}

function resourcesOf({ resources }: ResolvedSidecarConfig): object {
  const memoryMB = resources.hard.memoryMB ?? resources.maxMemoryMB;
  const limits = {
    ...(memoryMB !== null && { memory: `${Math.ceil(memoryMB)}Mi` }),
    // 100 % is one core, which is 1000m.
    ...(resources.maxCPUPercent !== null && { cpu: `${Math.ceil(resources.maxCPUPercent * 10)}m` }),
  };
  return { limits };
}

function lostSettings({
  process,
  resources,
  lazy,
  idleTimeout,
  compile,
  transport,
}: ResolvedSidecarConfig): ExportNote[] {
  return withoutCounterpart([
    { setting: 'compile', isSet: compile !== undefined, instead: 'the image has the program that it makes' },
    {
      setting: 'process.cwd',
      isSet: process.cwd !== '.',
      instead: 'the program is run in the working directory of the image',
    },
    {
      setting: 'process.restartDelay, backoffFactor, maxRestarts, …',
      isSet: process.autoRestart,
      instead:
        'Kubernetes waits 10 s before a restart, twice as long each time, up to 5 min, and never gives up',
    },
    {
      setting: 'process.autoRestart',
      isSet: !process.autoRestart,
      instead: 'false: a native sidecar is always restarted',
    },
    {
      setting: 'process.stopSignal',
      isSet: process.stopSignal !== 'SIGTERM',
      instead: `${process.stopSignal}: set STOPSIGNAL in the image`,
    },
    {
      setting: 'ipc.permissions',
      isSet: transport === 'ipc',
      instead: 'are not applied; both containers must run as the same user or group',
    },
    {
      setting: 'resources.maxFileDescriptors',
      isSet: resources.maxFileDescriptors !== null,
      instead: 'descriptors are limited by the node only',
    },
    {
      setting: 'resources.maxMemoryMB',
      isSet: resources.maxMemoryMB !== null,
      instead: 'is a hard limit there: the kernel ends what needs more',
    },
    {
      setting: 'resources.maxCPUPercent',
      isSet: resources.maxCPUPercent !== null,
      instead: 'slows the container down there, and restarts nothing',
    },
    { setting: 'lazy', isSet: lazy, instead: 'it is started with the Pod' },
    { setting: 'idleTimeout', isSet: idleTimeout !== null, instead: 'it is ended with the Pod only' },
  ]);
}

function secretNotes({ config, variables }: DeployedSidecar): ExportNote[] {
  const secrets = variables.filter((each) => 'isSecret' in each).map(({ name }) => name);
  if (secrets.length === 0) return [];
  return [
    {
      setting: 'process.env',
      note: `${secrets.join(', ')}: read from the Secret "${secretOf(config.name)}", which you make`,
    },
  ];
}

function secretOf(name: string): string {
  return `${dnsLabel(name)}-env`;
}

function labels(name: string): object {
  return { 'app.kubernetes.io/name': dnsLabel(name) };
}

/** As RFC 1123 wants the names of containers: lower case letters, digits and hyphens, at most 63. */
function dnsLabel(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63);
  return plain.replaceAll(/^-+|-+$/g, '');
}
