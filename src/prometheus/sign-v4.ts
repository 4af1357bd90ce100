import type { AwsCredentials } from './access.ts';

/** A request as far as a signature is about it. */
export interface Signable {
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** Who signs, for which service, and when: Unix milliseconds. */
export interface Signer {
  credentials: AwsCredentials;
  region: string;
  service: string;
  at: number;
}

/**
 * The headers of the request with its signature, version 4. Servers accept it for five minutes.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signedHeaders(
  { method, url, headers, body }: Signable,
  { credentials, region, service, at }: Signer,
): Promise<Record<string, string>> {
  // Few need it, and it makes a Headers object out of plain ones.
  const { AwsV4Signer } = await import('aws4fetch');
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
    ...credentials,
    region,
    service,
    datetime: new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  return Object.fromEntries((await signer.sign()).headers);
}
