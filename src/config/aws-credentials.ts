import type { AwsCredentials } from '../prometheus/access.ts';
import { ConfigFileUnreadable, ConfigSecretMissing } from './config-errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From the variables that aws-actions/configure-aws-credentials leaves, or else from the shared credentials file, which another
 * process may renew. No command is run (`credential_process`), and no metadata service is asked.
 * @param at the `file:line:column` of the config that asks for them
 * @throws UpgradeError CONFIG_SECRET_MISSING, CONFIG_FILE_UNREADABLE
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function awsCredentials(env: Environment, readFile: (path: string) => string, at: string): AwsCredentials {
  const file = env['AWS_SHARED_CREDENTIALS_FILE'];
  const given = credentialsOf((name) => env[name.toUpperCase()]);
  if (given !== undefined) return given;
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  if (file === undefined || file === '') {
    throw ConfigSecretMissing.of(isSet('AWS_ACCESS_KEY_ID') ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID', at);
  }
  const profile = env['AWS_PROFILE'] || 'default';
  const fields = profileOf(readFile(file), profile);
  const found = credentialsOf((name) => fields.get(name));
  if (found === undefined)
    throw ConfigFileUnreadable.of(
      file,
      at,
      `its profile ${profile} has no aws_access_key_id and aws_secret_access_key`,
    );
  return found;
}

/** @param field by its name in the file; in the environment it is the same in capitals */
function credentialsOf(field: (name: string) => string | undefined): AwsCredentials | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = [
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
  ].map((name) => field(name)?.trim() || undefined);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function profileOf(text: string, profile: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let section: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === profile && name !== undefined && value !== undefined) fields.set(name, value);
  }
  return fields;
}
