import { describe, expect, it } from 'vitest';
import { awsCredentials } from '../../src/config/aws-credentials.ts';

const inEnvironment = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
const file = `
[default]
aws_access_key_id = AKDEFAULT
aws_secret_access_key=with=equals/and+plus
region = eu-central-1

[ci]
; a comment
aws_access_key_id = AKCI
aws_secret_access_key = s
aws_session_token = t
[half]
aws_access_key_id = AKHALF
`;
const read = (env: Record<string, string>) => awsCredentials(env, () => file, 'c:1:1');

describe('the credentials of AWS', () => {
  it.for([
    {
      are: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
      when: 'the environment has them and no file is read',
      env: { ...inEnvironment, AWS_SESSION_TOKEN: '' },
    },
    {
      are: { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' },
      when: 'they are temporary, also beside a file',
      env: { ...inEnvironment, AWS_SESSION_TOKEN: 'token', AWS_SHARED_CREDENTIALS_FILE: 'f' },
    },
    {
      are: { accessKeyId: 'AKDEFAULT', secretAccessKey: 'with=equals/and+plus' },
      when: 'only the file has them',
      env: { AWS_SHARED_CREDENTIALS_FILE: 'f' },
    },
    {
      are: { accessKeyId: 'AKCI', secretAccessKey: 's', sessionToken: 't' },
      when: 'a profile of the file is named',
      env: { AWS_SHARED_CREDENTIALS_FILE: 'f', AWS_PROFILE: 'ci' },
    },
  ])('are $are when $when', ({ are, env }) => {
    expect(read(env)).toEqual(are);
  });

  it.for([
    { env: {}, says: 'c:1:1: environment variable AWS_ACCESS_KEY_ID is not set' },
    { env: { AWS_ACCESS_KEY_ID: 'AKID' }, says: 'c:1:1: environment variable AWS_SECRET_ACCESS_KEY is not set' },
    {
      env: { AWS_SHARED_CREDENTIALS_FILE: 'f', AWS_PROFILE: 'half' },
      says: 'c:1:1: file f cannot be used: its profile half has no aws_access_key_id and aws_secret_access_key',
    },
    { env: { AWS_SHARED_CREDENTIALS_FILE: 'f', AWS_PROFILE: 'none' }, says: 'its profile none has no' },
  ])('are missing with the line of the config that asks for them: $says', ({ env, says }) => {
    expect(() => read(env as Record<string, string>)).toThrow(says);
  });
});
