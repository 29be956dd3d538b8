import { describe, expect, it } from 'vitest';
import {
  deriveSigningKey,
  deriveV4aKeyPair,
  EMPTY_SHA256,
  finishHeaderSigning,
  finishPresign,
  type HeaderSigningOptions,
  type PresignOptions,
  prepareHeaderSigning,
  preparePresign,
  type ServiceRules,
  type SigningOptions,
  sha256Hex,
  signString,
  signV4aString,
  v4aPublicKey,
  verifyRequest,
  verifyV4aSignature,
} from '../../../src/core/sigv4/index.ts';
import { formatHttp, parseHttp, SKIP_REASON, SUITE_PRESENT, type SuiteCase, suiteCases } from './suite-vectors.ts';

function rulesOf({ context }: SuiteCase): ServiceRules {
  return {
    doubleEncodePath: true,
    normalizePath: context.normalize,
    contentSha256Header: context.signBody,
    presignUnsignedPayload: false,
  };
}

function commonOptions(testCase: SuiteCase): SigningOptions {
  const { context } = testCase;
  return {
    accessKeyId: context.accessKeyId,
    region: context.region,
    service: context.service,
    now: context.now,
    rules: rulesOf(testCase),
    ...(context.token === undefined ? {} : { sessionToken: context.token }),
    omitSessionToken: context.omitSessionToken,
  };
}

function payloadHashOf({ context, body }: SuiteCase): string {
  return context.signBody ? sha256Hex(body) : EMPTY_SHA256;
}

function headerOptions(testCase: SuiteCase): HeaderSigningOptions {
  return { ...commonOptions(testCase), payloadHash: payloadHashOf(testCase) };
}

function presignOptions(testCase: SuiteCase): PresignOptions {
  return {
    ...commonOptions(testCase),
    payloadHash: payloadHashOf(testCase),
    expiresSeconds: testCase.context.expiresSeconds,
  };
}

/** The suite ends bodiless signed requests with one newline more than it begins them with. */
function sameMessage(actual: string, expected: string): void {
  expect(actual.trimEnd()).toBe(expected.trimEnd());
}

const V4 = suiteCases('v4');
const V4A = suiteCases('v4a');

describe.skipIf(!SUITE_PRESENT)(`AWS signing suite${SUITE_PRESENT ? '' : ` (skipped: ${SKIP_REASON})`}`, () => {
  it('has 38 complete cases of each version', () => {
    expect(V4.length).toBe(38);
    expect(V4A.length).toBe(38);
  });

  describe.each(V4)('v4 $name', (testCase) => {
    const { context, request, body, file } = testCase;

    it('signs in headers', () => {
      const prepared = prepareHeaderSigning(request, headerOptions(testCase));
      expect(prepared.canonicalRequest).toBe(file('header-canonical-request.txt'));
      expect(prepared.stringToSign).toBe(file('header-string-to-sign.txt'));
      const signature = signString(deriveSigningKey(context.secretAccessKey, prepared.scope), prepared.stringToSign);
      expect(signature).toBe(file('header-signature.txt'));
      sameMessage(
        formatHttp(request, finishHeaderSigning(prepared, signature), request.query, body),
        file('header-signed-request.txt'),
      );
    });

    it('signs in the query', () => {
      const prepared = preparePresign(request, presignOptions(testCase));
      expect(prepared.canonicalRequest).toBe(file('query-canonical-request.txt'));
      expect(prepared.stringToSign).toBe(file('query-string-to-sign.txt'));
      const signature = signString(deriveSigningKey(context.secretAccessKey, prepared.scope), prepared.stringToSign);
      expect(signature).toBe(file('query-signature.txt'));
      sameMessage(
        formatHttp(request, request.headers, finishPresign(prepared, signature), body),
        file('query-signed-request.txt'),
      );
    });

    it.each(['header', 'query'])('verifies the signed request (%s)', (form) => {
      const signed = parseHttp(file(`${form}-signed-request.txt`));
      const signingKey = deriveSigningKey(context.secretAccessKey, {
        date: '20150830',
        region: context.region,
        service: context.service,
      });
      const verified = verifyRequest(
        signed.request,
        { signingKey },
        {
          now: context.now,
          rules: rulesOf({ ...testCase, context: { ...context, signBody: false } }),
          omitSessionToken: context.omitSessionToken,
          bodyHash: payloadHashOf(testCase),
        },
      );
      expect(verified.authorization.accessKeyId).toBe(context.accessKeyId);
      expect(verified.canonicalRequest).toBe(file(`${form}-canonical-request.txt`));
    });
  });

  describe.each(V4A)('v4a $name', (testCase) => {
    const { context, request, body, file } = testCase;
    const regionSet = [context.region];
    const published: unknown = JSON.parse(file('public-key.json'));
    const coordinate = (name: 'X' | 'Y'): Uint8Array => {
      const value = Object.entries(published ?? {}).find(([key]) => key === name)?.[1];
      if (typeof value !== 'string') throw new Error('public-key.json lacks a coordinate');
      return Buffer.from(value, 'hex');
    };
    const publicKey = v4aPublicKey(coordinate('X'), coordinate('Y'));

    it('derives the published key', () => {
      const pair = deriveV4aKeyPair(context.accessKeyId, context.secretAccessKey);
      expect(pair.publicKey.export({ format: 'jwk' })).toEqual(publicKey.export({ format: 'jwk' }));
    });

    it('signs in headers', () => {
      const prepared = prepareHeaderSigning(request, { ...headerOptions(testCase), regionSet });
      expect(prepared.canonicalRequest).toBe(file('header-canonical-request.txt'));
      expect(prepared.stringToSign).toBe(file('header-string-to-sign.txt'));
      expect(verifyV4aSignature(publicKey, prepared.stringToSign, file('header-signature.txt'))).toBe(true);
      const pair = deriveV4aKeyPair(context.accessKeyId, context.secretAccessKey);
      const signature = signV4aString(pair.privateKey, prepared.stringToSign);
      expect(verifyV4aSignature(publicKey, prepared.stringToSign, signature)).toBe(true);
      const signed = formatHttp(request, finishHeaderSigning(prepared, signature), request.query, body);
      sameMessage(
        signed.replace(signature, ''),
        file('header-signed-request.txt').replace(/(?<=Signature=)[0-9a-f]+/, ''),
      );
    });

    it('signs in the query', () => {
      const prepared = preparePresign(request, { ...presignOptions(testCase), regionSet });
      expect(prepared.canonicalRequest).toBe(file('query-canonical-request.txt'));
      expect(prepared.stringToSign).toBe(file('query-string-to-sign.txt'));
      expect(verifyV4aSignature(publicKey, prepared.stringToSign, file('query-signature.txt'))).toBe(true);
      const pair = deriveV4aKeyPair(context.accessKeyId, context.secretAccessKey);
      const signature = signV4aString(pair.privateKey, prepared.stringToSign);
      expect(verifyV4aSignature(publicKey, prepared.stringToSign, signature)).toBe(true);
      const signed = formatHttp(request, request.headers, finishPresign(prepared, signature), body);
      sameMessage(
        signed.replace(signature, ''),
        file('query-signed-request.txt').replace(/(?<=X-Amz-Signature=)[0-9a-f]+/, ''),
      );
    });

    it.each(['header', 'query'])('verifies the signed request (%s)', (form) => {
      const signed = parseHttp(file(`${form}-signed-request.txt`));
      const options = {
        now: context.now,
        rules: rulesOf({ ...testCase, context: { ...context, signBody: false } }),
        omitSessionToken: context.omitSessionToken,
        bodyHash: payloadHashOf(testCase),
      };
      const verified = verifyRequest(signed.request, { publicKey }, options);
      expect(verified.authorization).toMatchObject({ accessKeyId: context.accessKeyId, regionSet });
    });
  });
});
