import type { IstioVersion } from '../mesh-backend.ts';
import type { Story } from '../story.ts';

/** A step for each command, with the binary's release in its title. */
export function steps(version: IstioVersion, commands: readonly string[], when = ''): Story['steps'] {
  const suffix = when === '' ? '' : `, ${when}`;
  return Object.fromEntries(
    commands.map((command) => [`istioctl-${version} ${command}${suffix}`, (scene) => scene.istioctl(version, command)]),
  );
}
