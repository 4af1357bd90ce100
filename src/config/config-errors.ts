import { defineError, UpgradeError } from '../model/upgrade-error.ts';
import { type Complaint, renderComplaint } from './complaint.ts';

export const ConfigInvalid = defineError({
  code: 'CONFIG_INVALID',
  title: 'The config cannot be used.',
  cause: 'A field is misspelt, has a value that it cannot have, or contradicts another field.',
  message: (complaints: readonly Complaint[]) => complaints.map(renderComplaint).join('\n'),
  hint: 'Correct the places named above; schema/istio-upgrade.schema.json lets an editor check the file while you write.',
  actor: 'workflow author',
  state: 'Nothing was read from the cluster and nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

/** CONFIG_INVALID with its complaints as data, for annotations on the lines of the file. */
export class ConfigError extends UpgradeError {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(ConfigInvalid.of(complaints));
    this.complaints = complaints;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), complaints: this.complaints };
  }
}

export const ConfigSecretMissing = defineError({
  code: 'CONFIG_SECRET_MISSING',
  title: 'An environment variable that the config names is not set.',
  cause: 'The config reads a secret from an environment variable, and the run does not have it.',
  message: (name: string, at: string) => `${at}: environment variable ${name} is not set or is empty.`,
  hint: (name: string) =>
    `Set ${name} in the environment of the run, in a workflow from a secret, or name another variable.`,
  actor: 'workflow author',
  state: 'Nothing was read from the cluster and nothing was changed.',
  exit: 'usage',
  blames: 'person',
  remedy: 'Set the variable in the environment of the run, in a workflow from a secret, or name another variable.',
});

export const ConfigFileUnreadable = defineError({
  code: 'CONFIG_FILE_UNREADABLE',
  title: 'The config, or a file that it names, cannot be read.',
  cause: 'The path is wrong, or the file is empty or cannot be read by this user.',
  message: (path: string, at: string, reason: string) => `${at}: file ${path} cannot be used: ${reason}.`,
  hint: 'Check that the file is there, is not empty and may be read. Paths in a config are relative to its folder.',
  actor: 'workflow author',
  state: 'Nothing was read from the cluster and nothing was changed.',
  exit: 'usage',
  blames: 'person',
});
