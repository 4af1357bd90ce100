/** A reason why no lab can run here. The message is one sentence that says what to install or to run; exit code 2. */
export abstract class LabRefused extends Error {
  readonly exitCode = 2;
}

/** Binaries have to be built and there is no Go to build them with. */
export class GoMissing extends LabRefused {
  override readonly name = 'GoMissing';
  constructor(options?: ErrorOptions) {
    super(
      'The lab builds Kubernetes and Istio from their Go modules once: install Go 1.26 or newer (https://go.dev/dl) and have `go` in PATH.',
      options,
    );
  }
}

/** The kernel, or the container around us, does not let this user make a network and a process namespace. */
export class NamespaceRefused extends LabRefused {
  override readonly name = 'NamespaceRefused';
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `The lab needs Linux namespaces of its own (${reason}): run it as root, or allow unprivileged user namespaces with \`sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0\`; in a container add \`--privileged\`.`,
      options,
    );
  }
}

/** A program the lab calls and that no build makes: `unshare`, `nsenter` (util-linux) or `ip` (iproute2). */
export class ToolMissing extends LabRefused {
  override readonly name = 'ToolMissing';
  constructor(tool: string, debianPackage: string, options?: ErrorOptions) {
    super(`The lab needs \`${tool}\`: install the package ${debianPackage}.`, options);
  }
}

/** No module of this release is pinned. */
export class IstioUnknown extends LabRefused {
  override readonly name = 'IstioUnknown';
  constructor(version: string, known: readonly string[]) {
    super(`The lab has no Istio ${version}, only ${known.join(', ')}.`);
  }
}

/** No module of this minor is pinned. */
export class KubernetesUnknown extends LabRefused {
  override readonly name = 'KubernetesUnknown';
  constructor(minor: string, known: readonly string[]) {
    super(`The lab has no Kubernetes ${minor}, only ${known.join(' and ')}.`);
  }
}

/** A binary is not the one that was built: a broken disk, or a write by another program. */
export class BinaryChanged extends Error {
  override readonly name = 'BinaryChanged';
  constructor(path: string) {
    super(`${path} is not the binary that was built (its sha256 differs): delete its folder and run again.`);
  }
}

export class BuildFailed extends Error {
  override readonly name = 'BuildFailed';
  constructor(module: string, output: string) {
    super(`Building ${module} failed:\n${output}`);
  }
}

/** The lab did not come up, or a part of it did not; `logs` is the folder to read. */
export class LabDidNotStart extends Error {
  override readonly name = 'LabDidNotStart';
  constructor(reason: string, logs: string, options?: ErrorOptions) {
    super(`The lab did not start: ${reason} (logs: ${logs})`, options);
  }
}

export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
  constructor(what: string, seconds: number) {
    super(`${what} did not happen within ${seconds} s`);
  }
}
