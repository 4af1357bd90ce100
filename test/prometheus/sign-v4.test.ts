import { describe, expect, it } from 'vitest';
import { type Signable, signedHeaders } from '../../src/prometheus/sign-v4.ts';

/** Of the test suite that AWS publishes for signature version 4. */
const suite = {
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  region: 'us-east-1',
  service: 'service',
  at: Date.UTC(2015, 7, 30, 12, 36, 0),
};
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const request = (method: Signable['method'], path: string, headers = {}): Signable => ({
  method,
  url: new URL(path, 'https://example.amazonaws.com'),
  headers,
});

describe('a signature of AWS', () => {
  it.for([
    {
      vector: 'get-vanilla',
      of: request('GET', '/'),
      signed: 'host;x-amz-date',
      signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    },
    {
      vector: 'get-vanilla-query-order-key-case',
      of: request('GET', '/?Param2=value2&Param1=value1'),
      signed: 'host;x-amz-date',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    },
    {
      vector: 'post-vanilla',
      of: request('POST', '/'),
      signed: 'host;x-amz-date',
      signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    },
    {
      vector: 'post-header-key-sort',
      of: request('POST', '/', { 'My-Header1': 'value1' }),
      signed: 'host;my-header1;x-amz-date',
      signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    },
    {
      vector: 'post-sts-header-before',
      of: request('POST', '/'),
      session: { sessionToken },
      signed: 'host;x-amz-date;x-amz-security-token',
      signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    },
  ])('is the published one of $vector', async ({ of, session, signed, signature }) => {
    const headers = await signedHeaders(of, { ...suite, credentials: { ...suite.credentials, ...session } });
    expect(headers['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(headers['x-amz-security-token']).toBe(session?.sessionToken);
  });

  it('is about the body and about every header but that of its type', async () => {
    const signatureOf = async (change: Partial<Signable>) =>
      (
        await signedHeaders(
          { ...request('POST', '/api/v1/query', { accept: 'a' }), body: 'query=up', ...change },
          suite,
        )
      )['authorization'];
    const usual = await signatureOf({});
    expect(await signatureOf({ body: 'query=down' })).not.toBe(usual);
    expect(await signatureOf({ headers: { accept: 'b' } })).not.toBe(usual);
    expect(await signatureOf({ headers: { accept: 'a', 'content-type': 'text/plain' } })).toBe(usual);
  });
});
