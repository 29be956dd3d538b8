import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arnPatternOf, arnText, matchesArn } from '../../../src/core/iam/arn.ts';
import { globOf, matchesGlob, wildTokens } from '../../../src/core/iam/glob.ts';
import { evaluate } from '../../../src/core/iam/index.ts';
import { ALICE, ask, identity } from './support.ts';

/** The definition, as slow as it is plain. */
function slowMatch(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) return slowMatch(rest, text) || (text !== '' && slowMatch(pattern, text.slice(1)));
  return text !== '' && (pattern.startsWith('?') || pattern[0] === text[0]) && slowMatch(rest, text.slice(1));
}

function matches(pattern: string, text: string): boolean {
  return matchesGlob(globOf(wildTokens(pattern)), text);
}

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '?'), maxLength: 9 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*'), maxLength: 10 });

describe('a glob', () => {
  it('matches what its definition matches', () => {
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        expect(matches(glob, subject)).toBe(slowMatch(glob, subject));
      }),
      { numRuns: 20_000, seed: 63 },
    );
  });

  it('matches texts made from it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (head, tail) => {
        const literal = head.replaceAll(/[*?]/g, '-');
        expect(matches(`${literal}*`, literal + tail)).toBe(true);
        expect(matches(`*${literal}`, tail + literal)).toBe(true);
        expect(matches(literal, literal)).toBe(true);
      }),
      { numRuns: 1000, seed: 64 },
    );
  });

  it('stays quick on a pattern that is made to be slow', () => {
    expect(matches(`${'a*'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  });
});

function covers(pattern: string, resource: string): boolean {
  return evaluate(ask(ALICE, { resource }), { identity: [identity({ Resource: pattern })] }).kind === 'allowed';
}

describe('an ARN pattern', () => {
  it.each([
    ['*', '*', true],
    ['*', 'arn:aws:kms:eu-central-1:111122223333:key/1', true],
    // What belongs to no resource is covered by "*" alone.
    ['arn:aws:kms:*:*:*', '*', false],
    ['arn:aws:kms:eu-central-1:111122223333:key/1', 'arn:aws:kms:eu-central-1:111122223333:key/1', true],
    ['arn:aws:kms:eu-central-1:111122223333:key/1', 'arn:aws:kms:eu-central-1:111122223333:KEY/1', false],
    ['arn:aws:kms:eu-*-1:111122223333:key/*', 'arn:aws:kms:eu-central-1:111122223333:key/1', true],
    ['arn:aws:kms:eu-*-1:111122223333:key/*', 'arn:aws:kms:us-east-1:111122223333:key/1', false],
    ['arn:aws:kms:*:11112222333?:key/?', 'arn:aws:kms:us-east-1:111122223333:key/1', true],
    ['arn:aws:kms:*:*:key/1', 'arn:aws-cn:kms:cn-north-1:111122223333:key/1', false],
    ['arn:*:kms:*:*:key/1', 'arn:aws-cn:kms:cn-north-1:111122223333:key/1', true],
    ['arn:aws:s3:::bucket/*', 'arn:aws:s3:::bucket/a/b:c', true],
    ['arn:aws:s3:::bucket/a*c', 'arn:aws:s3:::bucket/a/b:c', true],
    ['arn:aws:s3:::*', 'arn:aws:s3:::bucket', true],
    // A wildcard stays inside its segment …
    ['arn:aws:sns:*:topic', 'arn:aws:sns:eu-central-1:111122223333:topic', 'refused'],
    ['arn:aws:x:*:topic:y', 'arn:aws:x:eu-central-1:111122223333:topic:y', false],
    ['arn:aws:logs:*:*:log-group:*:log-stream', 'arn:aws:logs:r:111122223333:log-group:g:log-stream', true],
    // … except at the end of a pattern that is shorter than an ARN.
    ['arn:aws:sns:*', 'arn:aws:sns:eu-central-1:111122223333:topic', true],
    ['arn:aws:sns:eu*', 'arn:aws:sns:eu-central-1:111122223333:topic', true],
    ['arn:aws:sns:us*', 'arn:aws:sns:eu-central-1:111122223333:topic', false],
    ['arn:aws:iam::*', 'arn:aws:iam::111122223333:user/Alice', true],
    ['arn:aws:iam::*', 'arn:aws:iam:eu-central-1:111122223333:user/Alice', false],
  ])('%s and %s: %s', (arn, subject, expected) => {
    if (expected === 'refused') expect(() => covers(arn, subject)).toThrow('must be in ARN format or "*".');
    else expect(covers(arn, subject)).toBe(expected);
  });

  it('matches segment by segment what six globs match', () => {
    const segment = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(segment, word), { minLength: 5, maxLength: 5 }), (pairs) => {
        const globs = ['arn', ...pairs.map(([glob]) => glob)];
        const words = ['arn', ...pairs.map(([, segmentText]) => segmentText)];
        expect(matchesArn(arnPatternOf(wildTokens(globs.join(':'))), arnText(words.join(':')))).toBe(
          globs.every((glob, at) => slowMatch(glob, words[at] ?? '')),
        );
      }),
      { numRuns: 5000, seed: 65 },
    );
  });
});

describe('an action pattern', () => {
  it.each([
    ['*', 'kms:Decrypt', true],
    ['*:*', 'kms:Decrypt', true],
    ['kms:*', 'kms:Decrypt', true],
    ['KMS:decrypt', 'kms:Decrypt', true],
    ['kms:De*', 'kms:Decrypt', true],
    ['kms:*crypt', 'kms:ReEncryptFrom', false],
    ['kms:*crypt*', 'kms:ReEncryptFrom', true],
    ['kms:Decryp?', 'kms:Decrypt', true],
    ['kms:Decrypt?', 'kms:Decrypt', false],
    ['kms:Decrypt', 'kms:DecryptAll', false],
    ['kms:*', 'kmsx:Decrypt', false],
  ])('%s and %s: %s', (Action, action, expected) => {
    const covered = evaluate(ask(ALICE, { action }), { identity: [identity({ Action })] }).kind === 'allowed';
    const left = evaluate(ask(ALICE, { action }), { identity: [identity({ NotAction: Action })] }).kind === 'allowed';
    expect([covered, left]).toEqual([expected, !expected]);
  });
});
